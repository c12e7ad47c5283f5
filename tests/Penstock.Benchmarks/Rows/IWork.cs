using Penstock.Benchmarks.Measuring;

namespace Penstock.Benchmarks.Rows;

/// <summary>Servers and load of one row, ready to be measured again and again.</summary>
interface IWork : IAsyncDisposable
{
    /// <summary>One run of the host.</summary>
    /// <param name="planted">Events expected beyond what there is, to show that they would be missed.</param>
    Task<Sample> RunHostAsync(long planted);

    /// <summary>Whether every run begins with a part that does not count, so that no pair is needed to warm up.</summary>
    bool WarmsUpItself => false;

    /// <summary>What the host is compared with, each one run; the ratio is to the first.</summary>
    IReadOnlyList<Func<long, Task<Sample>>> Yardsticks { get; }
}
