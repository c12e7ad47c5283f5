using Penstock.Benchmarks.Measuring;

namespace Penstock.Benchmarks.Hosting;

/// <summary>Lets the host move a known number of events, and measures from before the first was received until after the last was delivered.</summary>
static class BacklogRun
{
    // At both ends, where the error of a reading counts.
    static readonly TimeSpan AtEnds = TimeSpan.FromMilliseconds(10);
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <param name="host">A host that was just started.</param>
    /// <param name="expected">How many events there are.</param>
    /// <param name="warmUp">How many of the first do not count.</param>
    /// <param name="isSettled">What must hold besides before the clock stops, such as the last acknowledgement.</param>
    public static async Task<Sample> MeasureAsync(PenstockHost host, long expected, long warmUp = 0, Func<bool>? isSettled = null)
    {
        var readings = await FollowAsync(host, expected, isSettled ?? (() => true));

        // A host that answers only when it has already received something is measured from the start of its process.
        var first = warmUp > 0 ? readings.First(reading => reading.Received > warmUp) : readings.LastOrDefault(reading => reading.Received == 0) ?? host.Begin;
        var (from, to) = (first.Before, readings[^1].After);
        var peak = ProcessFacts.PeakResidentBytes(host.Pid);
        await host.StopAsync(expected);

        // Received, not delivered: what was in flight when the clock started is not counted as done after it.
        var events = expected - first.Received;
        if (events <= 0)
        {
            throw new MeasurementException($"all {expected} events were received between two readings; take more (--events)");
        }

        return new Sample
        {
            Subject = "penstock",
            Events = events,
            Seconds = to.Seconds - from.Seconds,
            ClientCpuMicroseconds = (to.CpuSeconds - from.CpuSeconds) * 1e6 / events,
            ServerCpuMicroseconds = ServerCpu.PerEvent(from.Servers, to.Servers, events),
            AllocatedBytesPerEvent = (readings[^1].AllocatedBytes - first.AllocatedBytes) / events,
            PeakResidentBytes = peak,
            StartToFirstSeconds = readings.First(reading => reading.Delivered > 0).After.Seconds,
            Progress = [.. readings.Select(reading => (double[])[Math.Round(reading.After.Seconds, 3), reading.Delivered])],
        };
    }

    // From the first answer to the first with all events.
    static async Task<List<HostReading>> FollowAsync(PenstockHost host, long expected, Func<bool> isSettled)
    {
        var readings = new List<HostReading>();
        var moved = (At: 0.0, Delivered: 0L, Since: double.MaxValue);
        using var timer = new PeriodicTimer(AtEnds);
        do
        {
            if (await host.ReadAsync() is { } reading)
            {
                readings.Add(reading);
                if (reading.Delivered > moved.Delivered)
                {
                    moved = (reading.After.Seconds, reading.Delivered, Math.Min(moved.Since, reading.After.Seconds));
                }

                if (reading.Delivered >= expected && isSettled())
                {
                    readings.Add((await host.ReadAsync())!);
                    return readings;
                }

                timer.Period = reading.After.Seconds - moved.Since < 1 || reading.Delivered > 0.95 * expected ? AtEnds : Interval;
            }

            if (host.Elapsed - moved.At > Patience.TotalSeconds)
            {
                throw new MeasurementException(
                    $"delivered {moved.Delivered} of {expected} events{(moved.Delivered >= expected ? ", not all acknowledged" : "")}, and no more for {Patience.TotalSeconds} s:\n"
                    + string.Join('\n', host.Log.Lines));
            }
        }
        while (await timer.WaitForNextTickAsync());
        return readings;
    }
}
