using System.Text.Json;
using Penstock.Host.Plugins;
using Penstock.Runtime.Guarantees;

namespace Penstock.Host.Commands;

/// <summary>Plugins as the array that <c>penstock plugins … --json</c> answers.</summary>
static class PluginJson
{
    /// <param name="json">The answer.</param>
    /// <param name="entries">The plugins.</param>
    /// <param name="others">Why further files are no plugins; nothing else is known of them.</param>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<PluginEntry> entries, IReadOnlyList<PluginProblem> others)
    {
        json.WriteStartArray();
        foreach (var entry in entries)
        {
            json.WriteStartObject();
            json.WriteString("name", entry.Name);
            json.WriteString("kind", entry.Kind is { } kind ? JsonNamingPolicy.CamelCase.ConvertName(kind.ToString()) : null);
            json.WriteString("version", entry.Version);
            json.WriteString("file", entry.File);
            json.WriteString("summary", entry.Definition?.Summary);
            if (entry.Definition is SourceDefinition source)
            {
                WriteModes(json, source);
            }
            else if (entry.Definition is SinkDefinition sink)
            {
                WriteTraits(json, sink.Traits);
            }

            if (entry.Problem is { } problem)
            {
                WriteProblem(json, problem);
            }

            json.WriteEndObject();
        }

        foreach (var problem in others)
        {
            json.WriteStartObject();
            json.WriteNull("name");
            json.WriteNull("kind");
            json.WriteNull("version");
            json.WriteString("file", problem.File);
            json.WriteNull("summary");
            WriteProblem(json, problem);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    static void WriteModes(Utf8JsonWriter json, SourceDefinition source)
    {
        json.WriteStartArray("modes");
        foreach (var mode in source.Modes)
        {
            json.WriteStartObject();
            json.WriteString("mode", mode.Mode);
            json.WriteString("guarantee", Guarantee.Name(mode.Guarantee));
            json.WriteBoolean("replay", mode.CanReplay);
            json.WriteBoolean("snapshot", mode.CanSnapshot);
            json.WriteNumber("maxReaders", mode.MaxReaders);
            json.WriteBoolean("neverBlocksSockets", mode.NeverBlocksSockets);
            json.WriteString("order", mode.Order);
            json.WriteString("loss", mode.Loss);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    static void WriteTraits(Utf8JsonWriter json, SinkTraits traits)
    {
        json.WriteBoolean("neverBlocksSockets", traits.NeverBlocksSockets);
        if (traits.MaxLanes < int.MaxValue)
        {
            json.WriteNumber("maxLanes", traits.MaxLanes);
        }
    }

    static void WriteProblem(Utf8JsonWriter json, PluginProblem problem)
    {
        json.WriteStartObject("problem");
        json.WriteString("file", problem.File);
        json.WriteString("cause", problem.Cause);
        json.WriteString("remedy", problem.Remedy);
        json.WriteEndObject();
    }
}
