namespace Penstock.Benchmarks.Rows;

/// <summary>The rate that the target is set for.</summary>
sealed class WalLatency10kRow : BenchRow
{
    public override string Name => "latency-wal-10k";

    public override string What => "1,000 commits of 10 rows a second, visible in the Redis stream";

    public override IReadOnlyList<Target> Targets => [Target.LatencyFromCommit("p99", 10, "p99 < 10 ms from the commit"), Target.Memory];

    public override async Task<IWork> PrepareAsync(BenchOptions options) => await WalLatencyWork.PrepareAsync(options, 10_000);
}
