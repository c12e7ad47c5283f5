using System.Text.Json;
using System.Text.Json.Nodes;
using Penstock.Benchmarks.Soak.Pipelines;

namespace Penstock.Benchmarks.Soak;

/// <summary>The config file of one host with all pipelines; every option that they do not name has its default.</summary>
static class SoakConfig
{
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static string ToJson(IEnumerable<SoakPipeline> pipelines, int adminPort) => new JsonObject
    {
        ["admin"] = new JsonObject { ["listen"] = $"http://127.0.0.1:{adminPort}" },
        ["pipelines"] = new JsonObject(pipelines.Select(pipeline => KeyValuePair.Create(pipeline.Name, (JsonNode?)pipeline.ToJson()))),
    }.ToJsonString(Indented);
}
