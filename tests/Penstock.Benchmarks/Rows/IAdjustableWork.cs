using Penstock.Benchmarks.Hosting;
using Penstock.Benchmarks.Measuring;

namespace Penstock.Benchmarks.Rows;

/// <summary>Work whose pipeline can be set differently from run to run.</summary>
interface IAdjustableWork : IWork
{
    Task<Sample> RunHostAsync(Func<Pipeline, Pipeline> change, long planted);
}
