using System.Text.Json;

namespace Penstock.Benchmarks.Hosting;

/// <summary>The host's log as it came: one JSON object a line.</summary>
sealed class HostLog
{
    readonly List<string> _lines = [];

    public void Add(string? line)
    {
        if (!string.IsNullOrEmpty(line))
        {
            lock (_lines)
            {
                _lines.Add(line);
            }
        }
    }

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>Lines above the level of information: a run that had one measured something else than the row says.</summary>
    public IEnumerable<string> Troubles() => Lines.Where(line => Field(line, "LogLevel") is not ("Information" or "Debug" or "Trace"));

    /// <summary>A number that the host wrote down when the pipeline ended, such as "delivered".</summary>
    public long Book(string name)
    {
        foreach (var line in Lines.Where(line => line.Contains("\"deadLettered\":", StringComparison.Ordinal)))
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.GetProperty("State").GetProperty(name).GetInt64();
        }

        throw new MeasurementException("the host wrote no books when it ended");
    }

    static string? Field(string line, string name)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.GetProperty(name).GetString();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException)
        {
            // What is no log line is an exception on its way out.
            return null;
        }
    }
}
