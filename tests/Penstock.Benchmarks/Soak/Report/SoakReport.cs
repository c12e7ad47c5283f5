using System.Globalization;
using System.Text;
using Penstock.Benchmarks.Measuring;
using Penstock.Benchmarks.Report;
using Penstock.Benchmarks.Soak.Rules;
using Penstock.Benchmarks.Soak.Sampling;

namespace Penstock.Benchmarks.Soak.Report;

/// <summary>Writes down what a soak found.</summary>
static class SoakReport
{
    const int MostText = 600;

    public static void Print(IReadOnlyDictionary<string, double> row, IReadOnlyList<string> pipelines) => Console.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"  {row[Series.Seconds],6:0} s")
        + string.Concat(pipelines.Select(name => string.Create(
            CultureInfo.InvariantCulture, $"  {name} {row[$"{name}_per_second"]:N0}/s ({row[$"{name}_behind"]:N0} on their way)")))
        + string.Create(
            CultureInfo.InvariantCulture,
            $"  RSS {row["rss_bytes"] / 1e6:0.0} MB, heap {row["heap_bytes"] / 1e6:0.0} MB, {row["fds"]} fds, {row["threads"]} threads, yardstick {row["yardstick_mb_per_second"]:0} MB/s"));

    /// <summary>Returns the exit code.</summary>
    public static int Write(
        SoakOptions options, Machine machine, IReadOnlyDictionary<string, SoakRate> rates, Series? series, IReadOnlyList<Finding> findings)
    {
        Directory.CreateDirectory(options.Out);
        var failed = findings.Where(finding => !finding.Holds).ToArray();
        var text = new StringBuilder("# Soak\n\n")
            .Append(CultureInfo.InvariantCulture, $"{(failed.Length == 0 ? "Passed" : "**Failed**")}: {findings.Count - failed.Length} rules hold, {failed.Length} do not.\n\n")
            .Append(CultureInfo.InvariantCulture, $"{options.Minutes} minutes, {series?.Count ?? 0} samples; {machine.Cpu}, {machine.Cores} cores, {machine.Memory}, ")
            .Append(CultureInfo.InvariantCulture, $"commit {machine.Commit}, {machine.MeasuredAt:yyyy-MM-dd HH:mm} UTC, load before {machine.LoadBefore}");
        if (options.Plant != SoakPlant.None)
        {
            text.Append(CultureInfo.InvariantCulture, $"; planted: {options.Plant}");
        }

        text.Append(".\n\n| pipeline | most, all together, events/s | offered, events/s |\n|---|---|---|\n");
        foreach (var (name, rate) in rates)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {rate.Measured?.ToString("N0", CultureInfo.InvariantCulture) ?? "not measured"} | {rate.Chosen:N0} |\n");
        }

        text.Append("\n| rule | found | limit | |\n|---|---|---|---|\n");
        foreach (var finding in findings.OrderBy(finding => finding.Holds))
        {
            var found = Short(finding.Found).Replace('\n', ' ').Replace("|", "\\|", StringComparison.Ordinal);
            text.Append(CultureInfo.InvariantCulture, $"| {finding.Rule} | {found} | {finding.Limit} | {(finding.Holds ? "holds" : "**fails**")} |\n");
        }

        if (series is not null)
        {
            File.WriteAllText(Path.Combine(options.Out, "samples.csv"), series.ToCsv());
            SoakPlots.Write(options.Out, series, [.. rates.Keys]);
            AppendColumns(text, series);
        }

        File.WriteAllText(Path.Combine(options.Out, "summary.md"), text.ToString());
        foreach (var finding in failed)
        {
            Console.WriteLine($"FAILED: {finding.Rule}: found {Short(finding.Found)}, expected {finding.Limit}");
        }

        Console.WriteLine($"{findings.Count - failed.Length} rules hold, {failed.Length} failed; {Path.Combine(options.Out, "summary.md")}");
        return failed.Length == 0 ? 0 : 1;
    }

    static string Short(string text) => text.Length <= MostText ? text : text[..MostText] + "…";

    static void AppendColumns(StringBuilder text, Series series)
    {
        text.Append("\n| column | first | least | median | most | last |\n|---|---|---|---|---|---|\n");
        foreach (var column in series.Columns)
        {
            var values = series[column];
            var spread = Spread.Of(values.Select(value => (double?)value))!.Value;
            text.Append(CultureInfo.InvariantCulture, $"| {column} | {values[0]:#,0.##} | {spread.Min:#,0.##} | {spread.Median:#,0.##} | {spread.Max:#,0.##} | {values[^1]:#,0.##} |\n");
        }
    }
}
