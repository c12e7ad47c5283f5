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

    /// <summary>In the operator's words: what can be lost, and how it is reported.</summary>
    public required string Loss { get; init; }

    /// <summary>In the operator's words: the order in which events arrive.</summary>
    public required string Order { get; init; }
}
