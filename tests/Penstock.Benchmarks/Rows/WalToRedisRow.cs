namespace Penstock.Benchmarks.Rows;

/// <summary>End to end: from one server into another.</summary>
sealed class WalToRedisRow : BenchRow
{
    const int Lanes = 4;

    public override string Name => "wal-redis";

    public override string What => $"WAL to a Redis stream, transactions of 5,000 rows, {Lanes} lanes";

    public override IReadOnlyList<Target> Targets =>
    [
        Target.Ratio(0.6, "pg_recvlogical"),
        Target.Rate(100_000),
        new("< 400 B allocated per event", summary => summary.AllocatedBytesPerEvent?.Median, bytes => bytes < 400),
        Target.Memory,
    ];

    public override async Task<IWork> PrepareAsync(BenchOptions options) =>
        await WalWork.ToRedisAsync(options.EventsOr(1_000_000), 5000, change: pipeline => pipeline with { Lanes = Lanes });
}
