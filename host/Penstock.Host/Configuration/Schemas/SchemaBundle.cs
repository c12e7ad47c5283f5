using System.Text.Json;
using System.Text.Json.Nodes;
using Penstock.Host.Plugins;

namespace Penstock.Host.Configuration;

/// <summary>
/// One draft-07 schema of the whole config file for editors: the host's part, and for each installed plugin a definition that
/// applies where <c>type</c> names it.
/// </summary>
static class SchemaBundle
{
    static readonly JsonWriterOptions Indented = new() { Indented = true };

    /// <summary>Writes the schema and returns the plugins that are not in it.</summary>
    public static IReadOnlyList<PluginProblem> Write(IPluginCatalog catalog, Stream output)
    {
        var (schema, problems) = Create(catalog);
        using var writer = new Utf8JsonWriter(output, Indented);
        schema.WriteTo(writer);
        return problems;
    }

    static (JsonObject Schema, List<PluginProblem> Problems) Create(IPluginCatalog catalog)
    {
        var problems = new List<PluginProblem>();
        var definitions = new JsonObject();
        var sources = new SortedSet<string>(StringComparer.Ordinal);
        var sinks = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var entry in catalog.Entries)
        {
            var (schema, problem) = entry.Definition is null ? (null, entry.Problem) : PluginSchema.Read(entry);
            if (schema is null)
            {
                problems.Add(problem!);
                continue;
            }

            var name = DefinitionName(entry.Definition is SourceDefinition, entry.Name);
            (entry.Definition is SourceDefinition ? sources : sinks).Add(entry.Name);
            definitions[name] = Rebased(schema.Json, $"#/definitions/{name}");
            definitions[name]!.AsObject().TryAdd("description", entry.Definition!.Summary);
        }

        var bundle = new JsonObject { ["$schema"] = "http://json-schema.org/draft-07/schema#", ["title"] = "Penstock config" };
        foreach (var (keyword, value) in HostSchema.Json)
        {
            bundle[keyword] = value?.DeepClone();
        }

        var pipeline = Values(bundle["properties"]!["pipelines"]!);
        Attach(Values(pipeline["properties"]!["sources"]!), sources, definitions, isSource: true);
        Attach(Values(pipeline["properties"]!["sinks"]!), sinks, definitions, isSource: false);
        bundle["definitions"] = definitions;
        return (bundle, problems);
    }

    static JsonObject Values(JsonNode dictionary) => dictionary["patternProperties"]!.AsObject().Single().Value!.AsObject();

    static void Attach(JsonObject section, SortedSet<string> names, JsonObject definitions, bool isSource)
    {
        if (names.Count == 0)
        {
            return;
        }

        section["properties"]!["type"]!["enum"] = new JsonArray([.. names.Select(n => JsonValue.Create(n))]);
        section["allOf"] = new JsonArray([.. names.Select(name => Choice(name, DefinitionName(isSource, name), definitions))]);
    }

    static JsonObject Choice(string type, string definition, JsonObject definitions)
    {
        var then = new JsonObject
        {
            ["properties"] = new JsonObject { ["config"] = new JsonObject { ["$ref"] = $"#/definitions/{definition}" } },
        };
        if (definitions[definition]!["required"] is JsonArray { Count: > 0 })
        {
            then["required"] = new JsonArray("config");
        }

        return new JsonObject
        {
            ["if"] = new JsonObject
            {
                ["properties"] = new JsonObject { ["type"] = new JsonObject { ["const"] = type } },
                ["required"] = new JsonArray("type"),
            },
            ["then"] = then,
        };
    }

    static string DefinitionName(bool isSource, string plugin) => $"{(isSource ? "source" : "sink")}.{plugin}";

    // A reference counts from the root of its document, and the plugin's schema is no longer the root.
    static JsonNode Rebased(JsonNode schema, string newRoot)
    {
        var copy = schema.DeepClone();
        (copy as JsonObject)?.Remove("$schema");
        Rebase(copy, newRoot);
        return copy;
    }

    static void Rebase(JsonNode? node, string newRoot)
    {
        switch (node)
        {
            case JsonObject schema:
                if (schema["$ref"].AsText() is { } reference)
                {
                    schema["$ref"] = newRoot + reference[1..];
                }

                foreach (var (_, value) in schema)
                {
                    Rebase(value, newRoot);
                }

                break;
            case JsonArray array:
                foreach (var item in array)
                {
                    Rebase(item, newRoot);
                }

                break;
        }
    }
}
