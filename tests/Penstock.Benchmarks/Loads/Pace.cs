using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Penstock.Benchmarks.Loads;

/// <summary>When each send of a load is due, decided before it begins: a send that is held up does not move the next one.</summary>
/// <param name="start">When the first is due, by the stopwatch's clock.</param>
/// <param name="perSecond">How many are due in a second.</param>
sealed partial class Pace(long start, double perSecond)
{
    const int MonotonicClock = 1;
    const int AbsoluteTime = 1;
    const int SetTimerSlack = 29;

    readonly double _interval = Stopwatch.Frequency / perSecond;

    public static Pace StartingIn(TimeSpan delay, double perSecond) =>
        new(Stopwatch.GetTimestamp() + (long)(delay.TotalSeconds * Stopwatch.Frequency), perSecond);

    public long Due(long index) => start + (long)(index * _interval);

    /// <summary>How many are due by now.</summary>
    public long DueNow() => _interval == 0 ? long.MaxValue : (long)((Stopwatch.GetTimestamp() - start) / _interval) + 1;

    /// <summary>Sleeps until a send is due; returns at once when it is late.</summary>
    public void Await(long index)
    {
        // The stopwatch ticks in nanoseconds of the monotonic clock.
        var (seconds, nanoseconds) = Math.DivRem(Due(index), Stopwatch.Frequency);
        var due = new TimeSpec { Seconds = seconds, Nanoseconds = nanoseconds };
        while (Stopwatch.GetTimestamp() < Due(index))
        {
            _ = SleepUntil(MonotonicClock, AbsoluteTime, in due, 0);
        }
    }

    /// <summary>Makes this thread wake up when it asked to, not up to 50 µs later.</summary>
    public static void Sharpen() => _ = ControlProcess(SetTimerSlack, 1, 0, 0, 0);

    [LibraryImport("libc", EntryPoint = "clock_nanosleep")]
    private static partial int SleepUntil(int clock, int flags, in TimeSpec due, nint remaining);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int ControlProcess(int option, nuint value, nuint third, nuint fourth, nuint fifth);

    struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
