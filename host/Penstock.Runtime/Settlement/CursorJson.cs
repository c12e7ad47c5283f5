using System.Text.Json;
using Penstock.Runtime.Routing;

namespace Penstock.Runtime.Settlement;

/// <summary>The sinks' part of a checkpoint.</summary>
static class CursorJson
{
    const string Sinks = "sinks";

    public static void Write(Utf8JsonWriter json, IReadOnlyList<SinkCursor> cursors)
    {
        json.WriteStartArray(Sinks);
        foreach (var cursor in cursors)
        {
            json.WriteStartObject();
            json.WriteString("sink", cursor.Sink);
            json.WriteNumber("lanes", cursor.Layout.Lanes);
            json.WriteString("ordering", JsonNamingPolicy.CamelCase.ConvertName(cursor.Layout.Ordering.ToString()));
            json.WritePropertyName("settled");
            Write(json, cursor.Settled);
            json.WriteStartArray("held");
            foreach (var lane in cursor.Held)
            {
                Write(json, lane);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    public static List<SinkCursor> Read(JsonElement checkpoint)
    {
        var cursors = new List<SinkCursor>();
        foreach (var sink in checkpoint.GetProperty(Sinks).EnumerateArray())
        {
            var layout = new LaneLayout(sink.GetProperty("lanes").GetInt32(), Enum.Parse<Ordering>(sink.GetProperty("ordering").GetString()!, ignoreCase: true));
            cursors.Add(new SinkCursor(sink.GetProperty("sink").GetString()!, layout, Positions(sink.GetProperty("settled")))
            {
                Held = [.. sink.GetProperty("held").EnumerateArray().Select(Positions)],
            });
        }

        return cursors;
    }

    static void Write(Utf8JsonWriter json, IReadOnlyList<SourcePosition> positions)
    {
        json.WriteStartArray();
        foreach (var position in positions)
        {
            json.WriteStringValue(position.ToString());
        }

        json.WriteEndArray();
    }

    static SourcePosition[] Positions(JsonElement array) => [.. array.EnumerateArray().Select(position => SourcePosition.Parse(position.GetString()!))];
}
