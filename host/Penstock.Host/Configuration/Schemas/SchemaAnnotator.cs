using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Penstock.Host.Configuration;

/// <summary>Writes what a schema says about each value into its <see cref="NodeTraits"/>, before references are replaced.</summary>
sealed class SchemaAnnotator(JsonObject root)
{
    static readonly string[] Combiners = ["allOf", "anyOf", "oneOf"];

    public static void Annotate(JsonObject schema, ConfigNode node) => new SchemaAnnotator(schema).Visit(schema, node);

    void Visit(JsonNode? schemaNode, ConfigNode node)
    {
        if (schemaNode is not JsonObject schema)
        {
            return;
        }

        if (SchemaReference.Resolve(root, schema["$ref"].AsText()) is { } target)
        {
            Visit(target, node);
            return;
        }

        Mark(schema, node);
        foreach (var branch in Combiners.SelectMany(k => schema[k] as JsonArray ?? []))
        {
            Visit(branch, node);
        }

        foreach (var child in node.Children)
        {
            VisitChild(schema, node.Kind, child);
        }
    }

    void VisitChild(JsonObject schema, JsonValueKind parent, ConfigNode child)
    {
        if (parent == JsonValueKind.Array)
        {
            Visit(schema["items"], child);
            return;
        }

        if (schema["properties"] is JsonObject properties && properties[child.Name!] is { } named)
        {
            Visit(named, child);
            return;
        }

        var matching = (schema["patternProperties"] as JsonObject)?.FirstOrDefault(p => Regex.IsMatch(child.Name!, p.Key)).Value;
        Visit(matching ?? schema["additionalProperties"], child);
    }

    static void Mark(JsonObject schema, ConfigNode node)
    {
        var traits = node.Traits;
        var isSecret = IsTrue(schema[SchemaKeywords.Secret]) || IsTrue(schema["writeOnly"]);
        var isLiteral = IsTrue(schema[SchemaKeywords.Literal]);
        foreach (var inner in isSecret || isLiteral ? node.Descend() : [])
        {
            inner.Traits.IsSecret |= isSecret;
            inner.Traits.IsLiteral |= isLiteral;
        }

        traits.Scalar ??= schema["type"].AsText() is "integer" or "number" or "boolean" ? schema["type"].AsText() : null;
        if (schema[SchemaKeywords.Unit].AsText() is { } unit)
        {
            traits.Unit = new UnitRange(unit == "duration", schema[SchemaKeywords.Minimum].AsText(), schema[SchemaKeywords.Maximum].AsText());
        }
    }

    static bool IsTrue(JsonNode? node) => node?.GetValueKind() == JsonValueKind.True;
}
