using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Newtonsoft.Json.Linq;
using NJsonSchema;
using NJsonSchema.Validation;

namespace Penstock.Host.Configuration;

/// <summary>NJsonSchema 10.7.2: draft-04 vocabulary with numeric exclusive bounds; <see cref="SchemaLint"/> refuses the rest.</summary>
sealed class NJsonSchemaEngine
{
    static readonly JsonLoadSettings LoadSettings = new() { LineInfoHandling = LineInfoHandling.Load };

    readonly JsonSchema _schema;

    NJsonSchemaEngine(JsonSchema schema) => _schema = schema;

    /// <param name="schema">A schema that has passed the lint: it has local references only, so reading it touches no file or network.</param>
    public static NJsonSchemaEngine Compile(JsonObject schema)
    {
        var strict = schema.DeepClone();
        MakePatternsStrict(strict);
        return new NJsonSchemaEngine(JsonSchema.FromJsonAsync(strict.ToJsonString()).GetAwaiter().GetResult());
    }

    /// <summary>Everything in which the value breaks the schema.</summary>
    public IReadOnlyList<SchemaViolation> Validate(ConfigNode value)
    {
        var nodes = value.Descend().ToDictionary(n => n.Id);
        var tooLong = nodes.Values.Where(IsTooLong).ToHashSet();
        var violations = tooLong.Select(n => new SchemaViolation(n, false, $"{Shown.Value(n)} has more digits than 64 bits hold")).ToList();
        using var reader = new NodeReader(value);
        var errors = _schema.Validate(JToken.Load(reader, LoadSettings));
        foreach (var perNode in SchemaErrors.Flatten(errors).GroupBy(e => (e.LineNumber, Name: SchemaErrors.NameOf(e))))
        {
            var node = nodes[perNode.Key.LineNumber];
            var error = perNode.OrderBy(SchemaErrors.Rank).First();

            // The library misses properties even in what is no object, which is another error already.
            var isRepeated = error.Kind == ValidationErrorKind.PropertyRequired ? node.Kind != JsonValueKind.Object : tooLong.Contains(node);
            if (!isRepeated)
            {
                violations.Add(new SchemaViolation(node, error.Kind == ValidationErrorKind.NoAdditionalPropertiesAllowed, SchemaErrors.Describe(error, node)));
            }
        }

        return violations;
    }

    static void MakePatternsStrict(JsonNode? node)
    {
        foreach (var item in node as JsonArray ?? [])
        {
            MakePatternsStrict(item);
        }

        foreach (var (keyword, value) in (node as JsonObject ?? []).ToArray())
        {
            if (keyword == "pattern" && value.AsText() is { } pattern)
            {
                node![keyword] = EcmaRegex.Strict(pattern);
            }
            else if (keyword == "patternProperties" && value is JsonObject patterns)
            {
                node![keyword] = new JsonObject(patterns.Select(p => KeyValuePair.Create(EcmaRegex.Strict(p.Key), p.Value?.DeepClone())));
            }

            MakePatternsStrict(node![keyword]);
        }
    }

    static bool IsTooLong(ConfigNode node) =>
        node.Kind == JsonValueKind.Number
        && (node.Text.AsSpan().ContainsAny(".eE")
            ? !double.IsFinite(double.Parse(node.Text, CultureInfo.InvariantCulture))
            : !long.TryParse(node.Text, CultureInfo.InvariantCulture, out _));
}
