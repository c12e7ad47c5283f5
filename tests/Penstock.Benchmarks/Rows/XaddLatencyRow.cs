namespace Penstock.Benchmarks.Rows;

/// <summary>From one stream into another.</summary>
sealed class XaddLatencyRow : BenchRow
{
    public override string Name => "latency-xadd-1k";

    public override string What => "XADD at 1,000/s, through a group and the sink, visible to a reader";

    public override IReadOnlyList<Target> Targets => [Target.Latency("p50", 1, "p50 < 1 ms"), Target.Memory];

    public override async Task<IWork> PrepareAsync(BenchOptions options) => await StreamsLatencyWork.PrepareAsync(options, 1_000);
}
