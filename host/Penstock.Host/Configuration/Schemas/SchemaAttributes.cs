using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Penstock.Host.Configuration;

/// <summary>Turns the attributes of an option into schema keywords. One that has no keyword is refused: silence would look like a check.</summary>
static class SchemaAttributes
{
    public static void Apply(JsonObject schema, Type type, JsonPropertyInfo property)
    {
        foreach (var attribute in property.AttributeProvider?.GetCustomAttributes(inherit: true) ?? [])
        {
            var applied = attribute switch
            {
                DescriptionAttribute described => Set(schema, "description", described.Description),
                LiteralAttribute => Set(schema, SchemaKeywords.Literal, true),
                RangeAttribute range => ApplyRange(schema, range),
                RegularExpressionAttribute regex => ApplyPattern(schema, regex.Pattern),
                MinLengthAttribute least => ApplyLength(schema, least.Length, null),
                MaxLengthAttribute most => ApplyLength(schema, null, most.Length),
                LengthAttribute length => ApplyLength(schema, length.MinimumLength, length.MaximumLength),
                StringLengthAttribute length => ApplyLength(schema, length.MinimumLength == 0 ? null : length.MinimumLength, length.MaximumLength),
                ValidationAttribute => false,
                _ => true,
            };
            if (!applied)
            {
                var name = attribute.GetType().Name.Replace("Attribute", "", StringComparison.Ordinal);
                throw new SchemaException(
                    $"option \"{property.Name}\" has [{name}], which cannot be enforced for {type.Name}; check it in Validate instead");
            }
        }
    }

    static bool Set(JsonObject schema, string keyword, JsonNode value)
    {
        schema[keyword] = value;
        return true;
    }

    static bool ApplyRange(JsonObject schema, RangeAttribute range)
    {
        var isUnit = schema.ContainsKey(SchemaKeywords.Unit);
        if (!isUnit && TypeOf(schema) is not ("integer" or "number"))
        {
            return false;
        }

        return isUnit
            ? Set(schema, SchemaKeywords.Minimum, $"{range.Minimum}") && Set(schema, SchemaKeywords.Maximum, $"{range.Maximum}")
            : Set(schema, range.MinimumIsExclusive ? "exclusiveMinimum" : "minimum", Number(range.Minimum))
                && Set(schema, range.MaximumIsExclusive ? "exclusiveMaximum" : "maximum", Number(range.Maximum));
    }

    static JsonNode Number(object bound) => JsonNode.Parse(Convert.ToString(bound, CultureInfo.InvariantCulture)!)!;

    // The attribute means the whole text, a schema's pattern means any part of it.
    static bool ApplyPattern(JsonObject schema, string pattern)
    {
        var whole = pattern.StartsWith('^') && pattern.EndsWith('$') && !pattern.Contains('|', StringComparison.Ordinal) ? pattern : $"^(?:{pattern})$";
        if (TypeOf(schema) == "string")
        {
            return Set(schema, "pattern", whole);
        }

        // On a dictionary it is the form of the keys; patternProperties is the one keyword for that which the engine enforces.
        if (schema["additionalProperties"] is not JsonObject values)
        {
            return false;
        }

        schema["additionalProperties"] = false;
        return Set(schema, "patternProperties", new JsonObject { [whole] = values });
    }

    static bool ApplyLength(JsonObject schema, int? least, int? most)
    {
        var noun = TypeOf(schema) switch { "string" => "Length", "array" => "Items", "object" => "Properties", _ => null };
        if (noun is null)
        {
            return false;
        }

        return (least is null || Set(schema, $"min{noun}", least.Value)) && (most is null || Set(schema, $"max{noun}", most.Value));
    }

    static string? TypeOf(JsonObject schema) => schema["type"] is JsonValue type ? type.GetValue<string>() : null;
}
