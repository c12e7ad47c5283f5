using Penstock.Benchmarks.Measuring;

namespace Penstock.Benchmarks.Yardsticks;

/// <summary>Reads numbered events where they become visible.</summary>
interface IArrivals : IDisposable
{
    /// <summary>Reads until all have arrived; on a thread of its own.</summary>
    void ReadAll(ArrivalRecorder recorder);
}
