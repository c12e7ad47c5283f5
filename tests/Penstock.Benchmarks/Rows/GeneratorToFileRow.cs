namespace Penstock.Benchmarks.Rows;

/// <summary>The sink alone.</summary>
sealed class GeneratorToFileRow : BenchRow
{
    public override string Name => "generator-file";

    public override string What => "Events made in the host, 150 B, to a file, fsync per batch";

    public override Task<IWork> PrepareAsync(BenchOptions options) => Task.FromResult<IWork>(new GeneratorWork("file", options.EventsOr(1_000_000)));
}
