namespace Penstock.Benchmarks.Rows;

/// <summary>A table that was full before the host first ran.</summary>
sealed class SnapshotToDiscardRow : BenchRow
{
    public override string Name => "snapshot-discard";

    public override string What => "The snapshot of a table to discard, in pieces of at most 25,000 rows";

    public override IReadOnlyList<Target> Targets => [Target.Rate(100_000), Target.Memory];

    public override Task<IWork> PrepareAsync(BenchOptions options) => Task.FromResult<IWork>(new SnapshotWork(options.EventsOr(2_000_000)));
}
