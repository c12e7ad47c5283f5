namespace Penstock.Benchmarks.Measuring;

/// <summary>Percentiles of latencies, in milliseconds.</summary>
sealed record LatencySummary(int Count, double P50, double P90, double P99, double P999, double Max)
{
    /// <summary>Exact percentiles: every value was kept.</summary>
    public static LatencySummary Of(double[] milliseconds)
    {
        if (milliseconds.Length == 0)
        {
            throw new MeasurementException("no latency was measured");
        }

        Array.Sort(milliseconds);
        return new LatencySummary(
            milliseconds.Length, At(milliseconds, 0.5), At(milliseconds, 0.9), At(milliseconds, 0.99), At(milliseconds, 0.999), milliseconds[^1]);
    }

    // The smallest value that at least this share of all values does not exceed.
    static double At(double[] sorted, double share) => sorted[Math.Max(0, (int)Math.Ceiling(sorted.Length * share) - 1)];
}
