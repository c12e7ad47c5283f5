namespace Penstock.Benchmarks.Rows;

/// <summary>Twice that rate.</summary>
sealed class WalLatency20kRow : BenchRow
{
    public override string Name => "latency-wal-20k";

    public override string What => "1,000 commits of 20 rows a second, visible in the Redis stream";

    public override IReadOnlyList<Target> Targets => [Target.Memory];

    public override async Task<IWork> PrepareAsync(BenchOptions options) => await WalLatencyWork.PrepareAsync(options, 20_000);
}
