using System.Globalization;
using System.Text.Json;

namespace Penstock.EndToEnd.Tests;

/// <summary>One entry of the sink's stream: the event's identity and the change it carries.</summary>
sealed record Delivered(string EventId, string Position, int Counter, int Value)
{
    /// <summary>Reads the event of a counter: a row of the table, or an entry of a stream, whose fields are text.</summary>
    public static Delivered Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        var row = root.GetProperty("after");
        return new Delivered(
            root.GetProperty("id").GetString()!, root.GetProperty("position").GetString()!, Number(row.GetProperty("id")), Number(row.GetProperty("n")));
    }

    static int Number(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number ? value.GetInt32() : int.Parse(value.GetString()!, CultureInfo.InvariantCulture);
}
