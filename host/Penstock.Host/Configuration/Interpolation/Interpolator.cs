using System.Text;
using System.Text.Json;

namespace Penstock.Host.Configuration;

/// <summary>
/// Replaces references in string values: <c>${env:NAME}</c>, <c>${env:NAME:-default}</c>, <c>${file:PATH}</c>; <c>$${</c> stands for
/// <c>${</c>. Works on parsed values, so nothing that a variable holds can become JSON.
/// </summary>
sealed class Interpolator(ReferenceResolver resolver)
{

    public void Apply(ConfigNode node, ProblemScope problems)
    {
        if (node.Kind != JsonValueKind.String || !node.Text.Contains("${", StringComparison.Ordinal))
        {
            return;
        }

        if (node.Traits.IsLiteral)
        {
            problems.At(node, "references such as ${env:NAME} are not allowed here; write the value itself");
            return;
        }

        var text = node.Text;
        var result = new StringBuilder();
        var references = 0;
        var isWhole = false;
        for (var at = 0; at < text.Length;)
        {
            var open = text.IndexOf("${", at, StringComparison.Ordinal);
            if (open < 0)
            {
                result.Append(text, at, text.Length - at);
                break;
            }

            if (open > at && text[open - 1] == '$')
            {
                result.Append(text, at, open - 1 - at).Append("${");
                at = open + 2;
                continue;
            }

            var close = text.IndexOf('}', open);
            if (close < 0)
            {
                problems.At(node, $"a reference lacks its closing brace; {ReferenceResolver.Forms}");
                return;
            }

            references++;
            isWhole = open == 0 && close == text.Length - 1;
            result.Append(text, at, open - at).Append(resolver.Resolve(text[(open + 2)..close], node, problems));
            at = close + 1;
        }

        if (references == 0)
        {
            node.SetText(result.ToString());
            return;
        }

        var value = result.ToString();
        node.Interpolate(isWhole ? KindOf(node.Traits.Scalar, value) : JsonValueKind.String, value);
    }

    // A value that does not fit stays text, and the schema says what was expected.
    static JsonValueKind KindOf(string? scalar, string value) => scalar switch
    {
        "boolean" when value == "true" => JsonValueKind.True,
        "boolean" when value == "false" => JsonValueKind.False,
        "integer" or "number" when IsJsonNumber(value) => JsonValueKind.Number,
        _ => JsonValueKind.String,
    };

    static bool IsJsonNumber(string value)
    {
        if (value.Length == 0 || char.IsWhiteSpace(value[0]) || char.IsWhiteSpace(value[^1]))
        {
            return false;
        }

        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(value));
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.Number && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
