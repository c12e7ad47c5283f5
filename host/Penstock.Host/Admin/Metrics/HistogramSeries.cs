using System.Globalization;

namespace Penstock.Host.Admin.Metrics;

/// <summary>A histogram of seconds.</summary>
sealed class HistogramSeries(string labels) : Series(labels)
{
    // From an in-memory sink to a server that is away: 100 µs to a minute.
    static readonly double[] Bounds = [.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60];
    static readonly string[] BoundLabels = [.. Bounds.Select(bound => $"le=\"{bound.ToString(CultureInfo.InvariantCulture)}\""), "le=\"+Inf\""];

    readonly long[] _counts = new long[Bounds.Length + 1];
    double _sum;

    public override void Record(double value)
    {
        if (double.IsNaN(value))
        {
            return;
        }

        // The clocks of two machines may disagree; a sum that falls would look like a restart.
        var seconds = Math.Max(0, value);
        var bucket = Array.BinarySearch(Bounds, seconds);
        Interlocked.Increment(ref _counts[bucket < 0 ? ~bucket : bucket]);
        Add(ref _sum, seconds);
    }

    public override void Write(MetricsText text, string name)
    {
        var count = 0L;
        for (var i = 0; i < _counts.Length; i++)
        {
            count += Volatile.Read(ref _counts[i]);
            text.Sample(name, "_bucket", Labels, BoundLabels[i], count);
        }

        text.Sample(name, "_sum", Labels, "", Volatile.Read(ref _sum));
        // Not a figure of its own: it must be that of the last bucket.
        text.Sample(name, "_count", Labels, "", count);
    }
}
