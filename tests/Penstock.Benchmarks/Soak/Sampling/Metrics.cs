using Penstock.Benchmarks.Measuring;

namespace Penstock.Benchmarks.Soak.Sampling;

/// <summary>One answer of the host's /metrics.</summary>
sealed class Metrics(string text)
{
    /// <summary>The sum over all labels; zero for a counter that has not appeared.</summary>
    public double Of(string name) => PrometheusText.Sum(text, name) ?? 0;

    /// <summary>The sum over all labels of one pipeline.</summary>
    public double Of(string name, string pipeline) => With(name, $"pipeline=\"{pipeline}\"");

    /// <summary>The sum over all lines that have a label.</summary>
    public double With(string name, string label) => Lines(name, label).Sum(line => PrometheusText.Sum(line, name) ?? 0);

    /// <summary>The greatest value over all labels.</summary>
    public double Most(string name) => Lines(name, "").Select(line => PrometheusText.Sum(line, name) ?? 0).DefaultIfEmpty().Max();

    IEnumerable<string> Lines(string name, string label) => text.Split('\n')
        .Where(line => line.StartsWith(name, StringComparison.Ordinal) && line.Contains(label, StringComparison.Ordinal));
}
