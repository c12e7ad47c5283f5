namespace Penstock.Benchmarks.Rows;

/// <summary>From a channel into a stream.</summary>
sealed class PubSubLatencyRow : BenchRow
{
    public override string Name => "latency-pubsub-1k";

    public override string What => "PUBLISH at 1,000/s, through the sink, visible to a reader";

    public override IReadOnlyList<Target> Targets => [Target.Memory];

    public override async Task<IWork> PrepareAsync(BenchOptions options) => await PubSubLatencyWork.PrepareAsync(options, 1_000);
}
