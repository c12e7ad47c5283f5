namespace Penstock;

/// <summary>What a source promises in one of its modes.</summary>
public sealed class SourceTraits
{
    /// <summary>The mode's name in the config; empty when the source has only one. Default empty.</summary>
    public string Mode { get; init; } = "";

    /// <summary>What the source can promise.</summary>
    public required DeliveryGuarantee Guarantee { get; init; }

    /// <summary>Whether a restarted source can read again what was not acknowledged.</summary>
    public required bool CanReplay { get; init; }

    /// <summary>Whether positions rise in source order.</summary>
    public required PositionOrder PositionOrder { get; init; }

    /// <summary>Whether the source can deliver the rows that existed before it started. Default false.</summary>
    public bool CanSnapshot { get; init; }

    /// <summary>How many readers the source can have side by side. Default 1.</summary>
    public int MaxReaders { get; init; } = 1;

    /// <summary>
    /// Whether code of this source that goes on after it awaited a socket never blocks its thread: no <c>.Result</c>, no blocking call, no wait
    /// for a lock. Default false. When all plugins of a config say so, the host lets them go on at once on the thread that watches the sockets,
    /// without the detour by the thread pool, which costs more than a small event itself. True also when it awaits no socket.
    /// </summary>
    public bool NeverBlocksSockets { get; init; }

    /// <summary>In the operator's words: what can be lost, and how it is reported.</summary>
    public required string Loss { get; init; }

    /// <summary>In the operator's words: the order in which events arrive.</summary>
    public required string Order { get; init; }
}
