namespace Penstock.Benchmarks.Rows;

/// <summary>End to end with a sink that syncs every batch to disk.</summary>
sealed class StreamsToFileRow : BenchRow
{
    public override string Name => "streams-file";

    public override string What => "Redis stream (group, XACK after settlement, 150 B) to a file, fsync per batch";

    public override IReadOnlyList<Target> Targets => [Target.Rate(150_000), Target.Memory];

    public override async Task<IWork> PrepareAsync(BenchOptions options) => await StreamsWork.PrepareAsync(options.EventsOr(800_000), toFile: true);
}
