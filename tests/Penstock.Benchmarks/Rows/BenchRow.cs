namespace Penstock.Benchmarks.Rows;

/// <summary>One line of the results.</summary>
abstract class BenchRow
{
    /// <summary>As <c>--rows</c> names it.</summary>
    public abstract string Name { get; }

    /// <summary>What is measured, in a sentence.</summary>
    public abstract string What { get; }

    public virtual IReadOnlyList<Target> Targets => [];

    /// <summary>Starts the servers and prepares the load.</summary>
    public abstract Task<IWork> PrepareAsync(BenchOptions options);
}
