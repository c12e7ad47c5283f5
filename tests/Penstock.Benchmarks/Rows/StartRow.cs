namespace Penstock.Benchmarks.Rows;

/// <summary>How long nothing comes after a start.</summary>
sealed class StartRow : BenchRow
{
    public override string Name => "start";

    public override string What => "From the start of the process until the first committed row is visible in the Redis stream";

    public override IReadOnlyList<Target> Targets =>
        [new("< 1 s", summary => summary.StartToFirstSeconds?.Median, seconds => seconds < 1), Target.Memory];

    public override Task<IWork> PrepareAsync(BenchOptions options) => StartWork.PrepareAsync();
}
