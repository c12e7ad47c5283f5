namespace Penstock.Benchmarks.Rows;

/// <summary>All rows, in the order of the table.</summary>
static class RowCatalog
{
    public static IReadOnlyList<BenchRow> All { get; } =
    [
        .. RuntimeRow.Present(),
        new WalToDiscardRow(),
        new WalSingleToDiscardRow(),
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
