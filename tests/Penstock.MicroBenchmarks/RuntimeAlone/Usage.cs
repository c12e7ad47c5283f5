using System.Diagnostics;

namespace Penstock.MicroBenchmarks.RuntimeAlone;

/// <summary>What the process has used so far.</summary>
readonly record struct Usage(TimeSpan Cpu, long Allocated, int Gen0, int Gen1, int Gen2, TimeSpan Paused)
{
    public static Usage Now() => new(
        Environment.CpuUsage.TotalTime,
        GC.GetTotalAllocatedBytes(precise: true),
        GC.CollectionCount(0),
        GC.CollectionCount(1),
        GC.CollectionCount(2),
        GC.GetTotalPauseDuration());

    /// <summary>What was used since then, for so many events that took from one timestamp to the other.</summary>
    public RunFigures Since(in Usage before, long events, long began, long ended) => new(
        events / Stopwatch.GetElapsedTime(began, ended).TotalSeconds,
        (Cpu - before.Cpu).TotalMicroseconds / events,
        (Allocated - before.Allocated) / (double)events,
        Gen0 - before.Gen0,
        Gen1 - before.Gen1,
        Gen2 - before.Gen2,
        (Paused - before.Paused).TotalMilliseconds);
}
