namespace Penstock;

/// <summary>What a sink promises.</summary>
public sealed class SinkTraits
{
    /// <summary>What a write that returned has survived.</summary>
    public required Durability Durability { get; init; }

    /// <summary>Whether writing the same event twice leaves the same state. Default false.</summary>
    public bool IsIdempotent { get; init; }

    /// <summary>Whether the sink keeps the order of a batch. Default true.</summary>
    public bool KeepsOrder { get; init; } = true;

    /// <summary>Whether the sink is an <see cref="IResumableSink"/> with these options. Default false.</summary>
    public bool StoresPositions { get; init; }

    /// <summary>
    /// Whether a lane that once told of a position and tells of it no more has lost its data: the pipeline then stops with exit code 4, as it
    /// cannot know what is lacking. False where operators move data away, such as files: the lane goes on after the checkpoint. Only looked at
    /// with <see cref="StoresPositions"/>, and for positions of all subjects. Default false.
    /// </summary>
    public bool MissingPositionIsLoss { get; init; }

    /// <summary>How many lanes can write side by side. Default: no limit.</summary>
    public int MaxLanes { get; init; } = int.MaxValue;

    /// <summary>
    /// Whether code of this sink that goes on after it awaited a socket never blocks its thread: no <c>.Result</c>, no blocking call, no wait
    /// for a lock. Default false. When all plugins of a config say so, the host lets them go on at once on the thread that watches the sockets,
    /// without the detour by the thread pool, which costs more than a small event itself. True also when it awaits no socket.
    /// </summary>
    public bool NeverBlocksSockets { get; init; }
}
