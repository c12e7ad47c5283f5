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

    /// <summary>How many lanes can write side by side. Default: no limit.</summary>
    public int MaxLanes { get; init; } = int.MaxValue;
}
