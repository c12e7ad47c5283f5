using System.Globalization;
using Penstock.Benchmarks.Soak.Sampling;

namespace Penstock.Benchmarks.Soak.Rules;

/// <summary>Fails on a sample, at any time, that lies above the limit.</summary>
sealed record LevelRule(string Column, double Limit)
{
    public Finding Judge(Series series)
    {
        var most = series[Column].Max();
        return new Finding(
            $"{Column}, the most", most <= Limit, most.ToString("0.##", CultureInfo.InvariantCulture), $"at most {Limit.ToString("0.##", CultureInfo.InvariantCulture)}");
    }
}
