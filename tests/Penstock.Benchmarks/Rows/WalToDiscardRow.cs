namespace Penstock.Benchmarks.Rows;

/// <summary>Acquisition alone: what the host reads and settles when the sink costs nothing.</summary>
sealed class WalToDiscardRow : BenchRow
{
    public override string Name => "wal-discard";

    public override string What => "WAL to discard, transactions of 5,000 rows";

    public override IReadOnlyList<Target> Targets => [Target.Ratio(1.2, "pg_recvlogical"), Target.Memory];

    public override Task<IWork> PrepareAsync(BenchOptions options) => Task.FromResult<IWork>(WalWork.ToDiscard(options.EventsOr(750_000), 5000));
}
