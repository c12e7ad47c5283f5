using Penstock.Benchmarks.Soak.Sampling;

namespace Penstock.Benchmarks.Tests.Soak;

/// <summary>Made-up samples, one every ten seconds, the same every time.</summary>
static class Samples
{
    public const int Count = 120;
    public const double Interval = 10;

    public static Series Of(string column, Func<int, double> value) => Of((column, value));

    public static Series Of(params (string Column, Func<int, double> Value)[] columns)
    {
        var series = new Series([Series.Seconds, .. columns.Select(column => column.Column)]);
        for (var i = 0; i < Count; i++)
        {
            series.Add([i * Interval, .. columns.Select(column => column.Value(i))]);
        }

        return series;
    }

    /// <summary>From -1 to 1, without any trend.</summary>
    public static double Noise(int i)
    {
        var x = ((uint)i * 2654435761) ^ 0x5bd1e995;
        x ^= x >> 15;
        x *= 2246822519;
        x ^= x >> 13;
        return (x / (double)uint.MaxValue * 2) - 1;
    }
}
