using System.Globalization;

namespace Penstock.Benchmarks.Measuring;

/// <summary>Reads the text format of Prometheus as far as a sum over all labels needs it.</summary>
static class PrometheusText
{
    /// <summary>The sum of a metric's values over all its labels; null when the text does not have it.</summary>
    public static double? Sum(ReadOnlySpan<char> text, ReadOnlySpan<char> name)
    {
        double? sum = null;
        foreach (var line in text.EnumerateLines())
        {
            if (line.StartsWith(name) && line.Length > name.Length && line[name.Length] is '{' or ' ')
            {
                // Label values are names from the config: no brace in them.
                var value = line[(line.IndexOf('}') < 0 ? name.Length : line.IndexOf('}') + 1)..].TrimStart();
                var end = value.IndexOf(' ');
                sum = (sum ?? 0) + double.Parse(end < 0 ? value : value[..end], NumberStyles.Float, CultureInfo.InvariantCulture);
            }
        }

        return sum;
    }
}
