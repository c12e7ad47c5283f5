using Penstock.Benchmarks.Soak.Sampling;

namespace Penstock.Benchmarks.Soak.Report;

/// <summary>The plots of a soak.</summary>
static class SoakPlots
{
    public static void Write(string folder, Series series, IReadOnlyList<string> pipelines)
    {
        string[] Of(string column) => [.. pipelines.Select(name => $"{name}_{column}")];
        Write("throughput", [new("delivered, events/s", Of("per_second")), new("relative to the yardstick, events per MB hashed", Of("relative")), new("yardstick, MB/s", ["yardstick_mb_per_second", "yardstick_mb_per_cpu_second"])]);
        Write("memory", [new("MB", ["rss_bytes", "heap_bytes"], 1e6), new("host's CPU per event, bytes hashed in its place", ["cost_bytes_per_event"]), new("GC pauses in all, s", ["gc_pause_seconds"])]);
        Write("handles", [new("open files and connections", ["fds", "tcp_connections", "redis_clients"]), new("threads", ["threads", "pool_threads"]), new("thread pool queue", ["pool_queue"])]);
        Write("queues", [new("due and not delivered, events", Of("behind")), new("lane depth, events", Of("lane_depth")), new("WAL behind the host, MB", ["wal_retained_bytes"], 1e6)]);

        void Write(string name, IReadOnlyList<Panel> panels) => File.WriteAllText(Path.Combine(folder, name + ".svg"), SeriesPlot.Draw(series, panels));
    }
}
