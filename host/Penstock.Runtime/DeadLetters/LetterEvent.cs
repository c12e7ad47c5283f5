using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Penstock.Runtime.DeadLetters;

/// <summary>The event of a dead letter in its line: <c>event</c> in the native JSON, <c>rows</c> byte for byte.</summary>
static class LetterEvent
{
    public static void Write(Utf8JsonWriter json, ChangeEvent change)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var events = new EventJsonWriter(buffer);
        events.Write(change);
        json.WritePropertyName("event");
        json.WriteRawValue(buffer.WrittenSpan, skipInputValidation: true);
        json.WriteStartObject("rows");
        WriteRow(json, "before", change.Before);
        WriteRow(json, "after", change.After);
        json.WriteEndObject();
    }

    /// <summary>The event as the sink would have got it from the source, with a header that says since when it is a replay.</summary>
    /// <exception cref="FormatException">The line holds no event.</exception>
    public static ChangeEvent Read(JsonElement line, IReadOnlyDictionary<string, string> furtherHeaders)
    {
        var json = new EventJsonReader().Read(JsonMarshal.GetRawUtf8Value(line.GetProperty("event")));
        if (!line.GetProperty("id").ValueEquals(json.Id))
        {
            throw new FormatException("it has the event of another id");
        }

        var rows = line.GetProperty("rows");
        var change = new ChangeEvent
        {
            Kind = json.Kind,
            Subject = json.Subject,
            Position = json.Position,
            // The JSON has an object for the source's bytes when the key is made of fields.
            Key = line.GetProperty("key").GetBytesFromBase64(),
            Before = ReadRow(rows.GetProperty("before")),
            After = ReadRow(rows.GetProperty("after")),
            OccurredAt = json.OccurredAt,
            Transaction = json.Transaction,
            Headers = furtherHeaders.Count == 0 ? json.Headers : new Dictionary<string, string>([.. json.Headers.ExceptBy(furtherHeaders.Keys, header => header.Key), .. furtherHeaders]),
        };
        change.Stamp(json.Origin, sequence: 0);
        return change;
    }

    static void WriteRow(Utf8JsonWriter json, string name, Row? row)
    {
        if (row is { } present)
        {
            json.WriteBase64String(name, RowBytes.Write(present));
        }
        else
        {
            json.WriteNull(name);
        }
    }

    static Row? ReadRow(JsonElement row) => row.ValueKind == JsonValueKind.Null ? null : RowBytes.Read(row.GetBytesFromBase64());
}
