using System.Globalization;
using Penstock.Benchmarks.Soak.Sampling;

namespace Penstock.Benchmarks.Soak.Rules;

/// <summary>Fails when, over all samples, less was delivered than was due.</summary>
sealed record RateRule(string Pipeline)
{
    // What was on its way at the first sample and what is at the last do not cancel out quite.
    const double LeastShare = 0.99;

    public Finding Judge(Series series)
    {
        var seconds = series[Series.Seconds];
        var time = seconds[^1] - seconds[0];
        double Rate(string column) => (series[column][^1] - series[column][0]) / time;
        var (offered, delivered) = (Rate($"{Pipeline}_due"), Rate($"{Pipeline}_delivered"));
        return new Finding(
            $"{Pipeline}: delivered per second", delivered >= LeastShare * offered,
            delivered.ToString("N0", CultureInfo.InvariantCulture), string.Create(CultureInfo.InvariantCulture, $"at least {LeastShare:0%} of {offered:N0} offered"));
    }
}
