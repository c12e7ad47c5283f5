namespace Penstock;

/// <summary>Where an event entered the host; one shared instance per source. Stamped by the host before any sink sees the event.</summary>
/// <param name="pipeline">The pipeline's name.</param>
/// <param name="source">The source's name in it.</param>
/// <param name="guarantee">What the source promises.</param>
public sealed class EventOrigin(string pipeline, string source, DeliveryGuarantee guarantee)
{
    /// <summary>The pipeline's name.</summary>
    public string Pipeline { get; } = pipeline;

    /// <summary>The source's name in the pipeline.</summary>
    public string Source { get; } = source;

    /// <summary>What the source promises.</summary>
    public DeliveryGuarantee Guarantee { get; } = guarantee;

    /// <summary>
    /// Whether the source's positions rise: a sink that stores positions stores none of <see cref="PositionOrder.None"/>, and skips nothing by
    /// them. Default <see cref="PositionOrder.Partition"/>. Not part of the event's JSON.
    /// </summary>
    public PositionOrder PositionOrder { get; init; } = PositionOrder.Partition;

    internal byte[] IdPrefix { get; } = System.Text.Encoding.UTF8.GetBytes($"{pipeline}/{source}:");
}
