using System.Globalization;
using System.Text;
using Penstock.Benchmarks.Report;

namespace Penstock.Benchmarks.Matrix;

/// <summary>Writes matrix.csv and matrix.md; the latter names the sweet spot.</summary>
sealed class MatrixReport(string folder, Machine machine, BenchOptions options)
{
    // What lies within the noise of the best is as good as the best.
    const double AsGood = 0.95;

    readonly StringBuilder _csv = new(
        "path,payload_bytes,lanes,batch_max_events,ordering,count,run,events_per_second,ratio_to_yardstick,host_cpu_us,allocated_bytes,peak_rss_bytes\n");

    readonly StringBuilder _markdown = new(string.Create(
        CultureInfo.InvariantCulture,
        $"""
        # Matrix

        {machine.MeasuredAt:yyyy-MM-dd HH:mm} UTC, commit {machine.Commit}, {machine.Cpu}, {machine.Cores} cores; {(options.Quick ? "**a quick run, which measures nothing**" : $"medians of {options.Runs} rounds")}.
        Sampled, not the full product; all runs are in [matrix.csv](matrix.csv), the method is in [README.md](README.md).

        """));

    public void Add(MatrixPlan plan, IReadOnlyList<MatrixResult> results)
    {
        var sweet = SweetSpot(results);
        _markdown.Append(CultureInfo.InvariantCulture, $"\n## {plan.Path}\n\n{plan.Note}\n\n")
            .Append(
                CultureInfo.InvariantCulture,
                $"**Sweet spot** at {MatrixPlan.MiddlePayload} B: {Name(sweet.Cell)}, {sweet.EventsPerSecond.Median:N0} events/s: the least setting within {1 - AsGood:P0} of the best.\n\n")
            .Append("| payload B | lanes | batch | ordering | count | events/s | × yardstick | CPU µs/event | B allocated/event | peak RSS MB |\n|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (var result in results)
        {
            var cell = result.Cell;
            var rate = result.EventsPerSecond;
            _markdown
                .Append(CultureInfo.InvariantCulture, $"| {cell.PayloadBytes} | {cell.Lanes} | {cell.BatchEvents} | {cell.Ordering} | {cell.Count?.ToString(CultureInfo.InvariantCulture) ?? "–"} ")
                .Append(CultureInfo.InvariantCulture, $"| {rate.Median:N0} [{rate.Min:N0} – {rate.Max:N0}] | {result.Ratio.Median:0.00} ")
                .Append(CultureInfo.InvariantCulture, $"| {result.HostCpuMicroseconds.Median:0.00} | {result.AllocatedBytes.Median:0} | {result.PeakResidentBytes.Median / 1e6:0} |\n");
            AddCsv(plan.Path, result);
        }

        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "matrix.csv"), _csv.ToString());
        File.WriteAllText(Path.Combine(folder, "matrix.md"), _markdown.ToString());
    }

    static MatrixResult SweetSpot(IReadOnlyList<MatrixResult> results)
    {
        var middle = results.Where(result => result.Cell is { PayloadBytes: MatrixPlan.MiddlePayload, Ordering: "key" }).ToArray();
        var best = middle.Max(result => result.EventsPerSecond.Median);
        return middle.Where(result => result.EventsPerSecond.Median >= AsGood * best).MinBy(result => result.Cell.Cost)!;
    }

    static string Name(MatrixCell cell) => string.Create(
        CultureInfo.InvariantCulture, $"`lanes` {cell.Lanes}, `batch.maxEvents` {cell.BatchEvents}{(cell.Count is { } count ? $", `count` {count}" : "")}");

    void AddCsv(string path, MatrixResult result)
    {
        var cell = result.Cell;
        for (var run = 0; run < result.Runs.Count; run++)
        {
            var (host, yardstick) = result.Runs[run];
            _csv.Append(CultureInfo.InvariantCulture, $"{path},{cell.PayloadBytes},{cell.Lanes},{cell.BatchEvents},{cell.Ordering},{cell.Count},{run + 1},")
                .Append(CultureInfo.InvariantCulture, $"{host.EventsPerSecond:0.#},{host.EventsPerSecond / yardstick.EventsPerSecond:0.####},")
                .Append(CultureInfo.InvariantCulture, $"{host.ClientCpuMicroseconds:0.###},{host.AllocatedBytesPerEvent:0.#},{host.PeakResidentBytes}\n");
        }
    }
}
