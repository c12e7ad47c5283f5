using System.Globalization;
using Penstock.Benchmarks.Measuring;
using Penstock.Benchmarks.Soak.Sampling;

namespace Penstock.Benchmarks.Soak.Rules;

/// <summary>Fails on a column that rises over the second half of the samples: by more than is allowed, and more surely than noise would.</summary>
/// <param name="Column">The column.</param>
/// <param name="Least">What it may rise by, in the column's unit.</param>
/// <param name="Share">What it may rise by, as a share of its median; the greater of both holds.</param>
/// <param name="Unit">What the figures are divided by to be read, and what they are called then.</param>
sealed record SlopeRule(string Column, double Least, double Share = 0, (double Size, string Name)? Unit = null)
{
    public Finding Judge(Series series)
    {
        var half = series.SecondHalf();
        var values = half[Column];
        var seconds = half[Series.Seconds];
        var trend = Trend.Of(seconds, values);
        var change = trend.Slope * (seconds[^1] - seconds[0]);
        var allowed = Math.Max(Least, Share * Math.Abs(Spread.Of(values.Select(value => (double?)value))!.Value.Median));
        return new Finding(
            $"{Column} does not rise",
            change <= allowed || trend.Least <= 0,
            Show(change) + (change > allowed && trend.Least <= 0 ? ", within the noise" : ""),
            $"at most {Show(allowed)} in {seconds[^1] - seconds[0]:0} s");
    }

    string Show(double value)
    {
        var (size, name) = Unit ?? (1, "");
        return string.Create(CultureInfo.InvariantCulture, $"{value / size:0.##} {name}").TrimEnd();
    }
}
