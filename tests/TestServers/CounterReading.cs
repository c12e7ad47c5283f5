using System.Diagnostics.Metrics;

namespace Penstock.TestServers;

/// <summary>Adds up what is counted.</summary>
public sealed class CounterReading : IDisposable
{
    readonly MeterListener _listener = new();
    long _sum;

    public CounterReading(Meter meter, string name)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == meter && instrument.Name == name)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref _sum, value));
        _listener.Start();
    }

    public long Sum => Interlocked.Read(ref _sum);

    public void Dispose() => _listener.Dispose();
}
