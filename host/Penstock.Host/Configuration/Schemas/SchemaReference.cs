using System.Text.Json;
using System.Text.Json.Nodes;

namespace Penstock.Host.Configuration;

static class SchemaReference
{
    /// <summary>What a reference such as <c>#/definitions/tls</c> leads to; null when it leads nowhere or outside.</summary>
    public static JsonNode? Resolve(JsonObject root, string? reference)
    {
        if (reference is null || (reference != "#" && !reference.StartsWith("#/", StringComparison.Ordinal)))
        {
            return null;
        }

        JsonNode? node = root;
        foreach (var segment in JsonPointer.Segments(reference[1..]))
        {
            node = node switch
            {
                JsonObject inner => inner[segment],
                JsonArray array when int.TryParse(segment, out var index) && index >= 0 && index < array.Count => array[index],
                _ => null,
            };
        }

        return node;
    }

    /// <summary>The text of a JSON string, null for everything else.</summary>
    public static string? AsText(this JsonNode? node) => node?.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : null;
}
