namespace Penstock.Benchmarks.Soak.Rules;

/// <summary>The slope of a series by Theil and Sen, the median over all pairs of samples: a few outliers do not bend it.</summary>
/// <param name="Slope">Per second.</param>
/// <param name="Least">What the slope exceeds with a certainty of 97.5 %, by Kendall's test.</param>
readonly record struct Trend(double Slope, double Least)
{
    const double Deviations = 1.96;

    public static Trend Of(IReadOnlyList<double> seconds, IReadOnlyList<double> values)
    {
        var count = values.Count;
        var slopes = new List<double>(count * (count - 1) / 2);
        for (var i = 0; i < count; i++)
        {
            for (var j = i + 1; j < count; j++)
            {
                slopes.Add((values[j] - values[i]) / (seconds[j] - seconds[i]));
            }
        }

        slopes.Sort();
        var deviation = Deviations * Math.Sqrt(count * (count - 1.0) * ((2 * count) + 5) / 18);
        var least = (int)Math.Max(0, Math.Floor((slopes.Count - deviation) / 2));
        return new Trend(Middle(slopes), slopes[least]);
    }

    static double Middle(List<double> sorted) =>
        sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[(sorted.Count / 2) - 1] + sorted[sorted.Count / 2]) / 2;
}
