using System.Runtime;
using Penstock.Benchmarks.Loads;
using Penstock.Benchmarks.Measuring;
using Penstock.Benchmarks.Yardsticks;
using Penstock.TestServers;

namespace Penstock.Benchmarks.Rows;

/// <summary>A load at a fixed rate, and a reader that notes when each event is visible.</summary>
/// <param name="Load">Sends when due, whatever became of what it sent before.</param>
/// <param name="SendsPerSecond">The rate.</param>
/// <param name="WarmUp">Seconds at the beginning that do not count: the host compiles its hot paths in them.</param>
/// <param name="Seconds">Seconds that count.</param>
sealed record LatencyRun(ILoad Load, double SendsPerSecond, int WarmUp, int Seconds)
{
    static readonly TimeSpan Lead = TimeSpan.FromMilliseconds(500);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Events that count.</summary>
    public long Counted => (long)(SendsPerSecond * Seconds) * Load.PerSend;

    /// <summary>All events, those of the warm-up included.</summary>
    public long Events => (long)(SendsPerSecond * (WarmUp + Seconds)) * Load.PerSend;

    public async Task<Sample> MeasureAsync(string subject, IArrivals arrivals, long first, long planted = 0, Func<Task>? whenWarm = null)
    {
        // The reader's own pauses would look like the host's.
        GC.Collect();
        GCSettings.LatencyMode = GCLatencyMode.SustainedLowLatency;
        var pace = Pace.StartingIn(Lead, SendsPerSecond);
        var warmUp = (long)(SendsPerSecond * WarmUp) * Load.PerSend;
        var recorder = new ArrivalRecorder(pace, first, Load.PerSend, Events + planted, warmUp);
        var reading = LoadThread.Start(() => arrivals.ReadAll(recorder));
        var sending = Load.RunAsync(pace, first, Events / Load.PerSend);
        if (whenWarm is not null)
        {
            await Eventually.HoldsAsync(() => reading.IsCompleted || recorder.Arrived >= warmUp, "the first events were visible");
            await whenWarm();
        }

        await sending;
        try
        {
            await reading.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            throw new MeasurementException($"{subject}: {recorder.Arrived} of {recorder.Total} events were visible {Patience.TotalSeconds} s after the last was sent");
        }

        return recorder.ToSample(subject);
    }
}
