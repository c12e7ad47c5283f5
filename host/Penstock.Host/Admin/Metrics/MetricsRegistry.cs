using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Penstock.Host.Admin.Metrics;

/// <summary>
/// Keeps the sums of everything that the host's meter measures. A record costs one look-up without a lock and one interlocked addition.
/// </summary>
sealed class MetricsRegistry : IDisposable
{
    // A message may have something in it that differs each time.
    const int MaxComplaints = 16;

    readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    readonly MeterListener _listener = new();
    readonly HashSet<string> _complaints = new(StringComparer.Ordinal);
    readonly ILogger _log;

    public MetricsRegistry(Meter meter, ILogger log)
    {
        _log = log;
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
        _listener.SetMeasurementEventCallback<short>((_, value, labels, family) => Record(family, value, labels));
        _listener.SetMeasurementEventCallback<byte>((_, value, labels, family) => Record(family, value, labels));
        _listener.SetMeasurementEventCallback<float>((_, value, labels, family) => Record(family, value, labels));
        _listener.SetMeasurementEventCallback<decimal>((_, value, labels, family) => Record(family, (double)value, labels));
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

        Ask();
        foreach (var family in families)
        {
            family.Write(text);
        }
    }

    public void Dispose() => _listener.Dispose();

    // One that throws is left out; the platform asks all of them before it tells.
    void Ask()
    {
        try
        {
            _listener.RecordObservableInstruments();
        }
        catch (AggregateException failures)
        {
            foreach (var failure in failures.InnerExceptions.Where(failure => _complaints.Count < MaxComplaints && _complaints.Add(failure.Message)))
            {
                _log.GaugeFails(failure);
            }
        }
    }

    // Several plugin instances may each make an instrument of one name: they are one family. Null when another kind has the name already.
    MetricFamily? FamilyOf(Instrument instrument)
    {
        if (MetricFamily.KindOf(instrument) is not { } kind)
        {
            return null;
        }

        var family = _families.GetOrAdd(MetricsText.NameOf(instrument.Name), name => new MetricFamily(name, kind, instrument));
        return family.Takes(instrument) ? family : null;
    }

    static void Record(object? family, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels) => ((MetricFamily)family!).Record(value, labels);
}
