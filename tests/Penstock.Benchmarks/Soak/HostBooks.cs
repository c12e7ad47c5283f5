using System.Text.Json;
using Penstock.Benchmarks.Hosting;

namespace Penstock.Benchmarks.Soak;

/// <summary>What the host wrote down of a pipeline when it ended.</summary>
static class HostBooks
{
    public static (long Read, long Delivered) Of(HostLog log, string pipeline)
    {
        foreach (var line in log.Lines.Where(line => line.Contains("\"deadLettered\":", StringComparison.Ordinal)))
        {
            using var json = JsonDocument.Parse(line);
            var state = json.RootElement.GetProperty("State");
            if (state.GetProperty("pipeline").GetString() == pipeline)
            {
                return (state.GetProperty("read").GetInt64(), state.GetProperty("delivered").GetInt64());
            }
        }

        return (-1, -1);
    }
}
