using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Penstock.Runtime.Tests.Diagnostics;

/// <summary>Listens to one meter and keeps every measurement.</summary>
sealed class MeterProbe : IDisposable
{
    readonly MeterListener _listener = new();

    public MeterProbe(Meter meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == meter)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, labels, _) => Keep(instrument, value, labels));
        _listener.SetMeasurementEventCallback<double>((instrument, value, labels, _) => Keep(instrument, value, labels));
        _listener.Start();
    }

    public ConcurrentQueue<(string Name, double Value, KeyValuePair<string, object?>[] Labels)> Measured { get; } = [];

    public double Sum(string name) => Measured.Where(measurement => measurement.Name == name).Sum(measurement => measurement.Value);

    public void ReadGauges() => _listener.RecordObservableInstruments();

    public void Dispose() => _listener.Dispose();

    void Keep(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels) =>
        Measured.Enqueue((instrument.Name, value, labels.ToArray()));
}
