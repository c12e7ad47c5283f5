using System.Text.Json;
using System.Text.Json.Nodes;
using Penstock.Host.Plugins;

namespace Penstock.Host.Configuration;

/// <summary>The schema of one plugin's config: brought by the plugin, or derived from its options class.</summary>
sealed class PluginSchema
{
    static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = ConfigDocument.MaxDepth };

    readonly List<JsonObject> _annotations = [];

    PluginSchema(JsonObject json)
    {
        Json = json;
        Engine = NJsonSchemaEngine.Compile(json);
        _annotations.Add(json);
    }

    public JsonObject Json { get; }

    public NJsonSchemaEngine Engine { get; }

    /// <summary>The schema of a loaded plugin, or why it cannot be used.</summary>
    public static (PluginSchema? Schema, PluginProblem? Problem) Read(PluginEntry entry)
    {
        try
        {
            return (Create(entry.Definition!), null);
        }
        catch (SchemaException error)
        {
            return (null, new PluginProblem(entry.File, $"the config schema of \"{entry.Name}\" cannot be enforced: {error.Message}", "correct the plugin"));
        }
        catch (Exception error)
        {
            // Plugin code runs here: its getters and the constructor of its options class.
            var cause = error.InnerException ?? error;
            return (null, new PluginProblem(
                entry.File, $"\"{entry.Name}\" threw {cause.GetType().Name} while its config schema was read: {cause.Message}", "correct the plugin"));
        }
    }

    /// <summary>Writes what is known about each value into it.</summary>
    public void Annotate(ConfigNode config)
    {
        foreach (var schema in _annotations)
        {
            SchemaAnnotator.Annotate(schema, config);
        }
    }

    static PluginSchema Create(PluginDefinition definition)
    {
        if (definition.Schema is not { } text)
        {
            return new PluginSchema(Checked(OptionsSchema.Of(definition.OptionsType)));
        }

        var schema = new PluginSchema(Checked(Parse(text)));
        try
        {
            // The schema may forget that a value is secret; the options class knows.
            schema._annotations.Add(OptionsSchema.Of(definition.OptionsType));
        }
        catch (SchemaException)
        {
            // A class that no schema can be derived from is a reason to bring one.
        }

        return schema;
    }

    static JsonObject Checked(JsonObject schema)
    {
        SchemaLint.Check(schema);
        return schema;
    }

    static JsonObject Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text, documentOptions: Strict) as JsonObject ?? throw new SchemaException("/: expected an object");
        }
        catch (JsonException error)
        {
            throw new SchemaException($"it is no JSON: {error.Message}");
        }
    }
}
