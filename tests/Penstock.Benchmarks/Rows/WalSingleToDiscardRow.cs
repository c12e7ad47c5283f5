namespace Penstock.Benchmarks.Rows;

/// <summary>The same with a watermark, an acknowledgement and settlement for every row.</summary>
sealed class WalSingleToDiscardRow : BenchRow
{
    public override string Name => "wal-single-discard";

    public override string What => "WAL to discard, transactions of one row";

    public override IReadOnlyList<Target> Targets => [Target.Ratio(1.2, "pg_recvlogical"), Target.Memory];

    public override Task<IWork> PrepareAsync(BenchOptions options) => Task.FromResult<IWork>(WalWork.ToDiscard(options.EventsOr(300_000), 1));
}
