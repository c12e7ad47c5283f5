namespace Penstock.Host.Admin.Metrics;

/// <summary>A gauge, or a counter that is told how far it is.</summary>
sealed class ValueSeries(string labels) : Series(labels)
{
    double _value;

    public override void Record(double value) => Volatile.Write(ref _value, value);

    public override void Write(MetricsText text, string name) => text.Sample(name, Labels, Volatile.Read(ref _value));
}
