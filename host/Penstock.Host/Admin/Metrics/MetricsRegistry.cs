using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Penstock.Host.Admin.Metrics;

/// <summary>
/// Keeps the sums of everything that the host's meter measures. A record costs one look-up without a lock and one interlocked addition.
/// </summary>
sealed class MetricsRegistry : IDisposable
{
    readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    readonly MeterListener _listener = new();

    public MetricsRegistry(Meter meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == meter && FamilyOf(instrument) is { } family)
            {
                listener.EnableMeasurementEvents(instrument, family);
            }
        };
        _listener.SetMeasurementEventCallback<double>((_, value, labels, family) => Record(family, value, labels));
        _listener.SetMeasurementEventCallback<long>((_, value, labels, family) => Record(family, value, labels));
        _listener.SetMeasurementEventCallback<int>((_, value, labels, family) => Record(family, value, labels));
        _listener.Start();
    }

    /// <summary>Asks the gauges that are read on demand, and writes everything. Not concurrent with itself.</summary>
    public void Write(MetricsText text)
    {
        MetricFamily[] families = [.. _families.Values.OrderBy(family => family.Name, StringComparer.Ordinal)];
        foreach (var family in families.Where(family => family.IsObserved))
        {
            // What nobody reports any more is gone.
            family.Clear();
        }

        _listener.RecordObservableInstruments();
        foreach (var family in families)
        {
            family.Write(text);
        }
    }

    public void Dispose() => _listener.Dispose();

    // Several plugin instances may each make an instrument of one name: they are one family. Null when another kind has the name already.
    MetricFamily? FamilyOf(Instrument instrument)
    {
        if (MetricFamily.KindOf(instrument) is not { } kind)
        {
            return null;
        }

        var name = MetricsText.NameOf(instrument.Name);
        var family = _families.GetOrAdd(name, name => new MetricFamily(name, instrument.Description ?? "", kind, instrument.IsObservable));
        return family.Kind == kind && family.IsObserved == instrument.IsObservable ? family : null;
    }

    static void Record(object? family, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels) => ((MetricFamily)family!).Record(value, labels);
}
