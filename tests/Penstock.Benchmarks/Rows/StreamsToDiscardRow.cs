namespace Penstock.Benchmarks.Rows;

/// <summary>Acquisition alone, acknowledgements included.</summary>
sealed class StreamsToDiscardRow : BenchRow
{
    public override string Name => "streams-discard";

    public override string What => "Redis stream (group, XACK after settlement, 150 B) to discard";

    public override IReadOnlyList<Target> Targets => [Target.Ratio(0.5, "XREADGROUP"), Target.Memory];

    public override async Task<IWork> PrepareAsync(BenchOptions options) => await StreamsWork.PrepareAsync(options.EventsOr(1_500_000), toFile: false);
}
