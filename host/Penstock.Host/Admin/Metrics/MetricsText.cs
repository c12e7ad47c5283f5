using System.Buffers;
using System.Globalization;
using System.Text;

namespace Penstock.Host.Admin.Metrics;

/// <summary>Writes the Prometheus text format, version 0.0.4.</summary>
/// <param name="output">Where it goes, without a string in between: somebody may ask often.</param>
sealed class MetricsText(IBufferWriter<byte> output)
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    // The longest are those of 17 digits, a sign, a point and an exponent.
    const int MaxNumberLength = 32;

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
        output.Write("# HELP "u8);
        Write(name);
        output.Write(" "u8);
        // In a help text quotes stand for themselves.
        Write(help.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal));
        output.Write("\n# TYPE "u8);
        Write(name);
        output.Write(kind switch
        {
            MetricKind.Counter => " counter\n"u8,
            MetricKind.Gauge => " gauge\n"u8,
            _ => " histogram\n"u8,
        });
    }

    /// <summary>A metric with a single series.</summary>
    public void Single(string name, string help, MetricKind kind, double value)
    {
        Family(name, help, kind);
        Sample(name, "", value);
    }

    public void Sample(string name, string labels, double value) => Sample(name, "", labels, "", value);

    /// <param name="name">The metric's.</param>
    /// <param name="suffix">What the name goes on with.</param>
    /// <param name="labels">As they stand between the braces.</param>
    /// <param name="lastLabel">One more.</param>
    /// <param name="value">The figure.</param>
    public void Sample(string name, string suffix, string labels, string lastLabel, double value)
    {
        Write(name);
        Write(suffix);
        if (labels.Length + lastLabel.Length > 0)
        {
            output.Write("{"u8);
            Write(labels);
            output.Write(labels.Length > 0 && lastLabel.Length > 0 ? ","u8 : ""u8);
            Write(lastLabel);
            output.Write("}"u8);
        }

        output.Write(" "u8);
        Write(value);
        output.Write("\n"u8);
    }

    void Write(string text) => Encoding.UTF8.GetBytes(text, output);

    void Write(double value)
    {
        if (double.IsInfinity(value))
        {
            output.Write(value > 0 ? "+Inf"u8 : "-Inf"u8);
            return;
        }

        value.TryFormat(output.GetSpan(MaxNumberLength), out var length, "R", CultureInfo.InvariantCulture);
        output.Advance(length);
    }

    static string Escape(string value) =>
        value.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
}
