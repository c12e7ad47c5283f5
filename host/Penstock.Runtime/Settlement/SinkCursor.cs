using Penstock.Runtime.Routing;

namespace Penstock.Runtime.Settlement;

/// <summary>How far one sink is with one source: a restart does not send it again what it has.</summary>
/// <param name="Sink">The sink's name.</param>
/// <param name="Layout">The lanes that wrote.</param>
/// <param name="Settled">Per partition the last watermark that everything before is settled of, in this sink.</param>
sealed record SinkCursor(string Sink, LaneLayout Layout, IReadOnlyList<SourcePosition> Settled)
{
    /// <summary>
    /// Of a sink that stores positions, what each lane is known to hold: a sink that later reports less has lost it. Lanes that hold nothing are empty.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<SourcePosition>> Held { get; init; } = [];

    /// <summary>As an operator has decided for one partition: what the sink held of it is no longer asked for.</summary>
    public SinkCursor ResetTo(SourcePosition position) => this with
    {
        Settled = [.. Settled.Where(settled => settled.Partition != position.Partition), position],
        Held = [.. Held.Select(IReadOnlyList<SourcePosition> (lane) => [.. lane.Where(held => held.Partition != position.Partition)])],
    };
}
