using Penstock.Benchmarks.Measuring;

namespace Penstock.Benchmarks.Matrix;

/// <summary>All runs of a setting, each with the yardstick of its round.</summary>
sealed record MatrixResult(MatrixCell Cell, IReadOnlyList<(Sample Host, Sample Yardstick)> Runs)
{
    public Spread EventsPerSecond => Of(run => run.Host.EventsPerSecond);

    public Spread Ratio => Of(run => run.Host.EventsPerSecond / run.Yardstick.EventsPerSecond);

    public Spread HostCpuMicroseconds => Of(run => run.Host.ClientCpuMicroseconds ?? 0);

    public Spread AllocatedBytes => Of(run => run.Host.AllocatedBytesPerEvent ?? 0);

    public Spread PeakResidentBytes => Of(run => run.Host.PeakResidentBytes ?? 0);

    Spread Of(Func<(Sample Host, Sample Yardstick), double> value) => Spread.Of(Runs.Select(run => (double?)value(run)))!.Value;
}
