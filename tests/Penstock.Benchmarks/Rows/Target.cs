using System.Globalization;
using Penstock.Benchmarks.Report;

namespace Penstock.Benchmarks.Rows;

/// <summary>What a row must reach.</summary>
/// <param name="Text">As the table shows it.</param>
/// <param name="Value">The figure in question, of all runs.</param>
/// <param name="IsMet">Whether it is good enough.</param>
sealed record Target(string Text, Func<RowSummary, double?> Value, Func<double, bool> IsMet)
{
    /// <summary>A figure that the target is not about but must be seen with; null for none.</summary>
    public Func<RowSummary, string?> Beside { get; init; } = _ => null;

    /// <summary>The ratio to the first yardstick that is asked for, when that is the target.</summary>
    public double? RatioBound { get; init; }

    public static readonly Target Memory = new("peak RSS < 200 MB", summary => summary.PeakResidentBytes?.Median / 1e6, megabytes => megabytes < 200);

    public static Target Ratio(double bound, string yardstick) =>
        new($"≥ {bound} × {yardstick}", summary => summary.Ratio?.Median, ratio => ratio >= bound) { RatioBound = bound };

    public static Target Rate(double bound) => new($"≥ {bound:N0} events/s", summary => summary.EventsPerSecond.Median, rate => rate >= bound);

    public static Target Latency(string percentile, double bound, string text) =>
        new(text, summary => summary.Latency?[percentile].Median, milliseconds => milliseconds < bound);

    public static Target LatencyFromCommit(string percentile, double bound, string text) =>
        new(text, summary => summary.LatencyFromCommit?[percentile].Median, milliseconds => milliseconds < bound)
        {
            Beside = summary => string.Create(CultureInfo.InvariantCulture, $"{percentile} from when the commit was due: {summary.Latency?[percentile].Median:0.##}"),
        };
}
