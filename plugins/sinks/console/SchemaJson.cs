using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Penstock.Sinks.Console;

/// <summary>A schema change as one line of JSON; docs/event.md has its fields.</summary>
static class SchemaJson
{
    // As the events: only what JSON demands is escaped, and control characters are.
    static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(IBufferWriter<byte> output, SchemaChange change)
    {
        using var json = new Utf8JsonWriter(output, Options);
        json.WriteStartObject();
        json.WriteNumber("v", 1);
        json.WriteString("kind", "schema");
        json.WriteString("subject", change.Subject);
        WriteShape(json, "before", change.Before);
        WriteShape(json, "after", change.After);
        json.WriteString("position", change.Position.ToString());
        json.WriteString("occurredAt", change.OccurredAt?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
        if (change.Detail.Length > 0)
        {
            json.WriteString("detail", change.Detail);
        }

        json.WriteEndObject();
    }

    static void WriteShape(Utf8JsonWriter json, string name, RowSchema? schema)
    {
        if (schema is null)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartArray(name);
        for (var i = 0; i < schema.Count; i++)
        {
            json.WriteStartObject();
            json.WriteString("name", schema[i].Name);
            json.WriteString("type", JsonNamingPolicy.CamelCase.ConvertName(schema[i].Type.ToString()));
            json.WriteBoolean("key", schema[i].IsKey);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
