namespace Penstock.Benchmarks.Rows;

/// <summary>All rows, in the order of the table.</summary>
static class RowCatalog
{
    public static IReadOnlyList<BenchRow> All { get; } =
    [
        new RuntimeRow(sinks: 1, bound: 4_000_000),
        new RuntimeRow(sinks: 2, bound: 2_000_000),
        new WalToDiscardRow(),
        new WalSingleToDiscardRow(),
        new SnapshotToDiscardRow(),
        new StreamsToDiscardRow(),
        new GeneratorToDiscardRow(),
        new GeneratorToRedisRow(),
        new GeneratorToFileRow(),
        new WalToRedisRow(),
        new StreamsToFileRow(),
        new PubSubRateRow(),
        new PubSubBurstRow(),
        new StartRow(),
        new XaddLatencyRow(),
        new PubSubLatencyRow(),
        new WalLatency1kRow(),
        new WalLatency10kRow(),
        new WalLatency20kRow(),
    ];
}
