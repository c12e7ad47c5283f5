using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Penstock.Host.Configuration;

namespace Penstock.Host.Commands;

/// <summary>The options of a plugin for people, a line each: name, type, default, description.</summary>
static class OptionText
{
    static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IEnumerable<string> Of(JsonObject schema) => Of(schema, schema, "");

    static IEnumerable<string> Of(JsonObject root, JsonObject schema, string prefix)
    {
        var required = (schema["required"] as JsonArray ?? []).Select(name => name.AsText()).ToHashSet();
        foreach (var (name, value) in schema["properties"] as JsonObject ?? [])
        {
            var written = value!.AsObject();
            var option = SchemaReference.Resolve(root, written["$ref"].AsText()) as JsonObject ?? written;
            var presence = required.Contains(name) ? ", required"
                : (written["default"] ?? option["default"]) is { } given ? $", default {given.ToJsonString(Relaxed)}"
                : "";
            yield return $"{prefix}{name}  {TypeOf(option)}{presence}  {(written["description"] ?? option["description"]).AsText()}".TrimEnd();
            foreach (var inner in Of(root, option, $"{prefix}{name}."))
            {
                yield return inner;
            }
        }
    }

    static string TypeOf(JsonObject option)
    {
        if (option["enum"] is JsonArray words)
        {
            return string.Join('|', words.Select(word => word.AsText() ?? word?.ToJsonString(Relaxed)));
        }

        var type = option["type"] is JsonArray several ? string.Join('|', several.Select(one => one.AsText())) : option["type"].AsText();
        return option[SchemaKeywords.Secret]?.GetValueKind() == JsonValueKind.True || option["writeOnly"]?.GetValueKind() == JsonValueKind.True
            ? "secret"
            : option[SchemaKeywords.Unit].AsText() ?? type ?? "any";
    }
}
