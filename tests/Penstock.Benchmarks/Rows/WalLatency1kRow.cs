namespace Penstock.Benchmarks.Rows;

/// <summary>From a commit into a stream.</summary>
sealed class WalLatency1kRow : BenchRow
{
    public override string Name => "latency-wal-1k";

    public override string What => "1,000 commits of one row a second, visible in the Redis stream";

    public override IReadOnlyList<Target> Targets => [Target.Memory];

    public override async Task<IWork> PrepareAsync(BenchOptions options) => await WalLatencyWork.PrepareAsync(options, 1_000);
}
