using System.Diagnostics;
using System.IO.Enumeration;

namespace Penstock.Host.Admin.Metrics;

/// <summary>What the process uses, under the names that Prometheus clients give it.</summary>
sealed class ProcessFigures
{
    readonly double _started = StartedAt();

    public void Write(MetricsText text)
    {
        text.Single("process_start_time_seconds", "Start time of the process since the Unix epoch.", MetricKind.Gauge, _started);
        text.Single("process_cpu_seconds_total", "CPU time used, user and system.", MetricKind.Counter, Environment.CpuUsage.TotalTime.TotalSeconds);
        text.Single("process_resident_memory_bytes", "Resident memory.", MetricKind.Gauge, Environment.WorkingSet);
        if (OperatingSystem.IsLinux())
        {
            text.Single("process_open_fds", "Open file descriptors, sockets among them.", MetricKind.Gauge, CountEntries("/proc/self/fd"));
            text.Single("process_threads", "Threads of the operating system.", MetricKind.Gauge, CountEntries("/proc/self/task"));
        }

        text.Single("dotnet_threadpool_threads", "Threads of the thread pool.", MetricKind.Gauge, ThreadPool.ThreadCount);
        text.Single("dotnet_threadpool_queue_length", "Work items that wait for a thread of the pool.", MetricKind.Gauge, ThreadPool.PendingWorkItemCount);
        text.Single("dotnet_gc_heap_bytes", "Managed memory in use, garbage that is not collected yet included.", MetricKind.Gauge, GC.GetTotalMemory(forceFullCollection: false));
        text.Single("dotnet_gc_allocated_bytes_total", "Managed memory ever allocated.", MetricKind.Counter, GC.GetTotalAllocatedBytes());
        text.Single("dotnet_gc_pause_seconds_total", "Time for which the collector stopped the process.", MetricKind.Counter, GC.GetTotalPauseDuration().TotalSeconds);
        WriteCollections(text);
    }

    // The runtime counts a collection of a generation among those of the younger ones, too; here each counts once.
    static void WriteCollections(MetricsText text)
    {
        text.Family("dotnet_gc_collections_total", "Garbage collections by the oldest generation they collected.", MetricKind.Counter);
        for (var generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            var older = generation < GC.MaxGeneration ? GC.CollectionCount(generation + 1) : 0;
            text.Sample("dotnet_gc_collections_total", $"generation=\"{generation}\"", GC.CollectionCount(generation) - older);
        }
    }

    // Without a string for each.
    static int CountEntries(string directory) => new FileSystemEnumerable<bool>(directory, static (ref _) => true).Count();

    static double StartedAt()
    {
        using var self = Process.GetCurrentProcess();
        return (self.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds;
    }
}
