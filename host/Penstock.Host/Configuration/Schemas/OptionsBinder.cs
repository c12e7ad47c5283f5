using System.Text.Json;

namespace Penstock.Host.Configuration;

/// <summary>The three nets behind each other: schema, strict deserialiser, and (the caller's) <c>Validate</c>.</summary>
static class OptionsBinder
{
    /// <summary>Reports everything in which the value breaks the schema, including bounds of durations and sizes.</summary>
    public static void Validate(NJsonSchemaEngine engine, ConfigNode value, ProblemScope problems)
    {
        foreach (var violation in engine.Validate(value))
        {
            if (violation.IsName)
            {
                problems.AtName(violation.Node, violation.Message);
            }
            else if (violation.Node.Kind is JsonValueKind.Object or JsonValueKind.Array || !problems.IsMarked(violation.Node))
            {
                problems.At(violation.Node, violation.Message);
            }
        }

        foreach (var node in value.Descend())
        {
            if (node.Kind == JsonValueKind.String && node.Traits.Unit?.Check(node) is { } message && !problems.IsMarked(node))
            {
                problems.At(node, message);
            }
        }
    }

    /// <summary>The options object; null, and a problem, when a value does not fit the class although it fits the schema.</summary>
    public static object? Bind(Type options, ConfigNode value, ProblemScope problems)
    {
        try
        {
            return JsonSerializer.Deserialize(NodeJson.Write(value), options, OptionsJson.Options);
        }
        catch (JsonException error)
        {
            // The exception's own message may quote the value.
            var node = value.Nearest(SerializerPath.ToPointer(error.Path));
            problems.At(node, $"{Shown.Value(node)} does not fit {options.Name}: the value is out of range, of the wrong type, or lacks a member");
            return null;
        }
    }
}
