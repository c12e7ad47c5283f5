using Penstock.Benchmarks.Measuring;

namespace Penstock.Benchmarks.Hosting;

/// <summary>Lets the host move a known number of events, and measures from the first that was delivered to the last.</summary>
static class BacklogRun
{
    static readonly TimeSpan AtFirst = TimeSpan.FromMilliseconds(10);
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <param name="host">A host that was just started.</param>
    /// <param name="expected">How many events there are.</param>
    /// <param name="warmUp">How many of the first do not count.</param>
    public static async Task<Sample> MeasureAsync(PenstockHost host, long expected, long warmUp = 0)
    {
        var readings = await FollowAsync(host, expected);
        var (first, last) = (readings.First(reading => reading.Delivered > warmUp), readings[^1]);
        var peak = ProcessFacts.PeakResidentBytes(host.Pid);
        await host.StopAsync(expected);

        // What the first reading found delivered came before the interval and does not count.
        var events = last.Delivered - first.Delivered;
        if (events <= 0)
        {
            throw new MeasurementException($"all {expected} events were delivered between two readings; take more (--events)");
        }

        return new Sample
        {
            Subject = "penstock",
            Events = events,
            Seconds = last.Seconds - first.Seconds,
            ClientCpuMicroseconds = (last.CpuSeconds - first.CpuSeconds) * 1e6 / events,
            ServerCpuMicroseconds = ServerCpu.PerEvent(first.Servers, last.Servers, events),
            AllocatedBytesPerEvent = (last.AllocatedBytes - first.AllocatedBytes) / events,
            PeakResidentBytes = peak,
            StartToFirstSeconds = readings[0].Seconds,
            Progress = [.. readings.Select(reading => (double[])[Math.Round(reading.Seconds, 3), reading.Delivered])],
        };
    }

    // From the first reading with an event to the first with all of them.
    static async Task<List<HostReading>> FollowAsync(PenstockHost host, long expected)
    {
        var readings = new List<HostReading>();
        var moved = (At: 0.0, Delivered: 0L);
        using var timer = new PeriodicTimer(AtFirst);
        do
        {
            if (await host.ReadAsync() is { } reading)
            {
                if (reading.Delivered > moved.Delivered)
                {
                    moved = (reading.Seconds, reading.Delivered);
                }

                if (reading.Delivered > 0)
                {
                    readings.Add(reading);
                    timer.Period = reading.Seconds - readings[0].Seconds < 1 ? AtFirst : Interval;
                }
            }

            if (moved.Delivered < expected && host.Elapsed - moved.At > Patience.TotalSeconds)
            {
                throw new MeasurementException(
                    $"delivered {moved.Delivered} of {expected} events, and no more for {Patience.TotalSeconds} s:\n{string.Join('\n', host.Log.Lines)}");
            }
        }
        while (moved.Delivered < expected && await timer.WaitForNextTickAsync());
        return readings;
    }
}
