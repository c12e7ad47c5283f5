using System.Text.Json;

namespace Penstock;

/// <summary>Writes a row: an object, or an array of pairs when names repeat or are not UTF-8.</summary>
static class RowJson
{
    /// <summary>Writes a row.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="value">The row, or null.</param>
    /// <param name="other">The event's other row.</param>
    public static void Write(Utf8JsonWriter json, Row? value, Row? other)
    {
        if (value is not { } row)
        {
            json.WriteNullValue();
        }
        else if (row.Schema.IsObject)
        {
            WriteObject(json, row, other);
        }
        else
        {
            WritePairs(json, row);
        }
    }

    static void WriteObject(Utf8JsonWriter json, Row row, Row? other)
    {
        json.WriteStartObject();
        for (var i = 0; i < row.Count; i++)
        {
            if (row.GetState(i) is FieldState.Present or FieldState.Null)
            {
                json.WritePropertyName(row.Schema[i].EncodedName);
                ValueJson.Write(json, row, i, ValueJson.IsBase64(row, i, other));
            }
        }

        json.WriteEndObject();
    }

    static void WritePairs(Utf8JsonWriter json, Row row)
    {
        json.WriteStartArray();
        for (var i = 0; i < row.Count; i++)
        {
            json.WriteStartArray();
            ValueJson.WriteTextOrBase64Object(json, row.Schema[i].NameBytes.Span);
            if (row.GetState(i) == FieldState.Present)
            {
                ValueJson.WriteTextOrBase64Object(json, row[i]);
            }
            else
            {
                json.WriteNullValue();
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
    }
}
