using Penstock.Benchmarks.Hosting;

namespace Penstock.Benchmarks.Matrix;

/// <summary>One setting of a pipeline.</summary>
/// <param name="PayloadBytes">Filler of a row or an entry.</param>
/// <param name="Lanes">Lanes of the sink.</param>
/// <param name="BatchEvents">Most events of one write.</param>
/// <param name="Ordering">key, source or none.</param>
/// <param name="Count">Most entries of one read, where the source has such an option.</param>
sealed record MatrixCell(int PayloadBytes, int Lanes, int BatchEvents, string Ordering, int? Count = null)
{
    /// <summary>What the options cost, for choosing the least of equals: connections first, then memory.</summary>
    public long Cost => (Lanes * 1_000_000L) + (BatchEvents * 10L) + (Count ?? 0);

    public Pipeline Apply(Pipeline pipeline)
    {
        var source = pipeline.SourceConfig.DeepClone().AsObject();
        if (Count is { } count)
        {
            source["count"] = count;
        }

        return pipeline with { SourceConfig = source, Lanes = Lanes, BatchEvents = BatchEvents, Ordering = Ordering };
    }
}
