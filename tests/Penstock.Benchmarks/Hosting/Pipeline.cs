using System.Text.Json;
using System.Text.Json.Nodes;

namespace Penstock.Benchmarks.Hosting;

/// <summary>A config file with one pipeline, from a source called in to a sink called out; every option that is not named here has its default.</summary>
sealed record Pipeline(string Source, JsonObject SourceConfig, string Sink, JsonObject SinkConfig)
{
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public int? Lanes { get; init; }

    public string? Ordering { get; init; }

    public int? BatchEvents { get; init; }

    /// <summary>A folder of further plugins.</summary>
    public string? Plugins { get; init; }

    public static JsonObject Connection(string endpoint) => new() { ["endpoints"] = new JsonArray(endpoint) };

    public string ToJson(int adminPort)
    {
        var sink = new JsonObject { ["type"] = Sink, ["config"] = SinkConfig.DeepClone() };
        if (Lanes is { } lanes)
        {
            sink["lanes"] = lanes;
        }

        if (Ordering is { } ordering)
        {
            sink["ordering"] = ordering;
        }

        if (BatchEvents is { } events)
        {
            sink["batch"] = new JsonObject { ["maxEvents"] = events };
        }

        var config = new JsonObject
        {
            ["admin"] = new JsonObject { ["listen"] = $"http://127.0.0.1:{adminPort}" },
            ["pipelines"] = new JsonObject
            {
                ["bench"] = new JsonObject
                {
                    ["sources"] = new JsonObject { ["in"] = new JsonObject { ["type"] = Source, ["config"] = SourceConfig.DeepClone() } },
                    ["sinks"] = new JsonObject { ["out"] = sink },
                },
            },
        };
        if (Plugins is { } plugins)
        {
            config["plugins"] = new JsonObject { ["directories"] = new JsonArray(plugins) };
        }

        return config.ToJsonString(Indented);
    }
}
