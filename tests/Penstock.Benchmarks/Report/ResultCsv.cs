using System.Globalization;
using System.Text;
using Penstock.Benchmarks.Measuring;

namespace Penstock.Benchmarks.Report;

/// <summary>One line per run and subject; and how each run of the host went on.</summary>
static class ResultCsv
{
    public static string Runs(IEnumerable<RowResult> results)
    {
        var text = new StringBuilder(
            "row,run,subject,events,seconds,events_per_second,client_cpu_us,postgres_cpu_us,redis_cpu_us,allocated_bytes,peak_rss_bytes,"
            + "start_to_first_seconds,p50_ms,p90_ms,p99_ms,p999_ms,max_ms,commit_p50_ms,commit_p90_ms,commit_p99_ms,commit_p999_ms,commit_max_ms\n");
        foreach (var result in results)
        {
            for (var run = 0; run < result.Runs.Count; run++)
            {
                foreach (var sample in result.Runs[run])
                {
                    text.Append(CultureInfo.InvariantCulture, $"{result.Row.Name},{run + 1},{sample.Subject},{sample.Events},{sample.Seconds:0.####},{sample.EventsPerSecond:0.#},")
                        .Append(CultureInfo.InvariantCulture, $"{sample.ClientCpuMicroseconds:0.###},{Server(sample, "postgres"):0.###},{Server(sample, "redis"):0.###},")
                        .Append(CultureInfo.InvariantCulture, $"{sample.AllocatedBytesPerEvent:0.#},{sample.PeakResidentBytes},{sample.StartToFirstSeconds:0.####},")
                        .Append(Percentiles(sample.Latency)).Append(',').Append(Percentiles(sample.LatencyFromCommit)).Append('\n');
                }
            }
        }

        return text.ToString();
    }

    public static string Progress(IEnumerable<RowResult> results)
    {
        var text = new StringBuilder("row,run,seconds,delivered\n");
        foreach (var result in results)
        {
            for (var run = 0; run < result.Runs.Count; run++)
            {
                foreach (var reading in result.Runs[run][0].Progress ?? [])
                {
                    text.Append(CultureInfo.InvariantCulture, $"{result.Row.Name},{run + 1},{reading[0]},{reading[1]}\n");
                }
            }
        }

        return text.ToString();
    }

    static double? Server(Sample sample, string name) =>
        sample.ServerCpuMicroseconds?.TryGetValue(name, out var microseconds) is true ? microseconds : null;

    static string Percentiles(LatencySummary? latency) => latency is null
        ? ",,,,"
        : string.Create(CultureInfo.InvariantCulture, $"{latency.P50:0.###},{latency.P90:0.###},{latency.P99:0.###},{latency.P999:0.###},{latency.Max:0.###}");
}
