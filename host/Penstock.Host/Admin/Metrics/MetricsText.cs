using System.Globalization;
using System.Text;

namespace Penstock.Host.Admin.Metrics;

/// <summary>Writes the Prometheus text format, version 0.0.4.</summary>
sealed class MetricsText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    readonly StringBuilder _text = new();

    /// <summary>A name with nothing in it that the format does not allow.</summary>
    public static string NameOf(string name) =>
        string.Create(name.Length, name, static (span, name) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsAsciiLetter(name[i]) || name[i] == '_' || (i > 0 && char.IsAsciiDigit(name[i])) ? name[i] : '_';
            }
        });

    /// <summary>Labels by name, as they stand between the braces.</summary>
    public static string Labels(params ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var pairs = new List<string>(labels.Length);
        foreach (var (name, value) in labels)
        {
            pairs.Add($"{NameOf(name)}=\"{Escape(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")}\"");
        }

        pairs.Sort(StringComparer.Ordinal);
        return string.Join(',', pairs);
    }

    public void Family(string name, string help, MetricKind kind)
    {
        // In a help text quotes stand for themselves.
        _text.Append("# HELP ").Append(name).Append(' ').Append(help.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal)).Append('\n');
        _text.Append("# TYPE ").Append(name).Append(' ').Append(kind switch
        {
            MetricKind.Counter => "counter",
            MetricKind.Gauge => "gauge",
            _ => "histogram",
        }).Append('\n');
    }

    /// <summary>A metric with a single series.</summary>
    public void Single(string name, string help, MetricKind kind, double value)
    {
        Family(name, help, kind);
        Sample(name, "", value);
    }

    public void Sample(string name, string labels, double value)
    {
        _text.Append(name);
        if (labels.Length > 0)
        {
            _text.Append('{').Append(labels).Append('}');
        }

        _text.Append(' ').Append(Number(value)).Append('\n');
    }

    public byte[] ToUtf8() => Encoding.UTF8.GetBytes(_text.ToString());

    public override string ToString() => _text.ToString();

    static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : value.ToString("R", CultureInfo.InvariantCulture);

    static string Escape(string value) =>
        value.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
}
