namespace Penstock.Benchmarks.Rows;

/// <summary>What a pipeline of the host comes to when neither end costs anything.</summary>
sealed class GeneratorToDiscardRow : BenchRow
{
    public override string Name => "generator-discard";

    public override string What => $"Events made in the host, 150 B, 100,000 keys, to discard, {GeneratorWork.Lanes} lanes";

    public override Task<IWork> PrepareAsync(BenchOptions options) => Task.FromResult<IWork>(new GeneratorWork("discard", options.EventsOr(8_000_000)));
}
