using System.Globalization;
using System.Text;
using Penstock.Benchmarks.Measuring;

namespace Penstock.Benchmarks.Report;

/// <summary>The tables for people; medians, with the least and the most in brackets.</summary>
static class ResultMarkdown
{
    public static string Table(Machine machine, BenchOptions options, IReadOnlyList<RowResult> results)
    {
        var text = new StringBuilder("# Results\n\n");
        text.Append(
            CultureInfo.InvariantCulture,
            $"{machine.MeasuredAt:yyyy-MM-dd HH:mm} UTC, commit {machine.Commit}. {machine.Cpu}, {machine.Cores} cores, {machine.Memory}, Linux {machine.Kernel}, {machine.FileSystem}; ")
            .Append(CultureInfo.InvariantCulture, $".NET {machine.Dotnet}, GC {machine.GarbageCollection}; PostgreSQL {machine.Postgres}, Redis {machine.Redis}. ")
            .Append(options.Quick ? "**A quick run: it shows that the rows work and measures nothing.**" : $"Medians of {options.Runs} alternating runs [least – most].")
            .Append(" The method is in [README.md](README.md).\n");
        AddThroughput(text, results.Where(result => result.Summary is { Latency: null }));
        AddLatency(text, results.Where(result => result.Summary is { Latency: not null }));
        AddTargets(text, results);
        foreach (var result in results.Where(result => result.Failure is not null))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n**{result.Row.Name} failed**: {result.Failure!.Split('\n')[0]}\n");
        }

        return text.ToString();
    }

    static void AddThroughput(StringBuilder text, IEnumerable<RowResult> results)
    {
        text.Append("\n## Throughput\n\n| row | what | events/s | × yardstick | CPU µs/event: own | servers | B allocated/event | peak RSS MB | first event s |\n|---|---|---|---|---|---|---|---|---|\n");
        foreach (var result in results)
        {
            var summary = result.Summary!;
            text.Append(CultureInfo.InvariantCulture, $"| `{result.Row.Name}` | {result.Row.What} | {Rate(summary)} | {Of(summary.Ratio, "0.00")} | {Rest(summary)} |\n");
            foreach (var (name, yardstick) in summary.Yardsticks)
            {
                text.Append(CultureInfo.InvariantCulture, $"| | *{name}* | {Rate(yardstick)} | 1 | {Rest(yardstick)} |\n");
            }
        }
    }

    static void AddLatency(StringBuilder text, IEnumerable<RowResult> results)
    {
        if (!results.Any())
        {
            return;
        }

        text.Append("\n## Latency\n\nMilliseconds from the moment a send was due until a reader had the event, medians of the runs' percentiles; in brackets from the server's time of the commit.\n\n")
            .Append("| row | what | p50 | p90 | p99 | p99.9 | max | CPU µs/event: own |\n|---|---|---|---|---|---|---|---|\n");
        foreach (var result in results)
        {
            var summary = result.Summary!;
            text.Append(CultureInfo.InvariantCulture, $"| `{result.Row.Name}` | {result.Row.What} | {Percentiles(summary)} | {summary.ClientCpuMicroseconds?.Median:0} |\n");
            foreach (var (name, yardstick) in summary.Yardsticks)
            {
                text.Append(CultureInfo.InvariantCulture, $"| | *{name}* | {Percentiles(yardstick)} | |\n");
            }
        }
    }

    static void AddTargets(StringBuilder text, IEnumerable<RowResult> results)
    {
        text.Append("\n## Targets\n\n| row | target | measured | |\n|---|---|---|---|\n");
        foreach (var result in results)
        {
            foreach (var verdict in result.Verdicts)
            {
                text.Append(CultureInfo.InvariantCulture, $"| `{result.Row.Name}` | {verdict.Target.Text} | {Value(verdict.Value)}{(verdict.Beside is { } beside ? $" ({beside})" : "")} | {(verdict.IsMet ? "met" : "**not met**")} |\n");
            }
        }
    }

    static string Percentiles(RowSummary summary) => string.Join(" | ", summary.Latency!.Select(percentile =>
        percentile.Value.Median.ToString("0.00", CultureInfo.InvariantCulture)
        + (summary.LatencyFromCommit is { } commit ? string.Create(CultureInfo.InvariantCulture, $" ({commit[percentile.Key].Median:0.00})") : "")));

    static string Rest(RowSummary summary) => string.Create(
        CultureInfo.InvariantCulture,
        $"{summary.ClientCpuMicroseconds?.Median:0.00} | {string.Join(", ", summary.ServerCpuMicroseconds.Select(server => string.Create(CultureInfo.InvariantCulture, $"{server.Key} {server.Value.Median:0.00}")))} | {summary.AllocatedBytesPerEvent?.Median:0} | {summary.PeakResidentBytes?.Median / 1e6:0} | {summary.StartToFirstSeconds?.Median:0.00}");

    // One event is no rate.
    static string Rate(RowSummary summary) => summary.IsRate ? Of(summary.EventsPerSecond, "N0") : "";

    static string Of(Spread? spread, string format) => spread is { } s
        ? $"{s.Median.ToString(format, CultureInfo.InvariantCulture)} [{s.Min.ToString(format, CultureInfo.InvariantCulture)} – {s.Max.ToString(format, CultureInfo.InvariantCulture)}]"
        : "";

    static string Value(double? value) => value is { } v ? v.ToString(v >= 1000 ? "N0" : "0.##", CultureInfo.InvariantCulture) : "–";
}
