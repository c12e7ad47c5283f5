namespace Penstock.Host.Admin.Metrics;

/// <summary>A counter, or a gauge, that is told what to add.</summary>
sealed class SumSeries(string labels) : Series(labels)
{
    double _sum;

    public override void Record(double value) => Add(ref _sum, value);

    public override void Write(MetricsText text, string name) => text.Sample(name, Labels, Volatile.Read(ref _sum));
}
