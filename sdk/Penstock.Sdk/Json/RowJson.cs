using System.Text.Json;

namespace Penstock;

/// <summary>Writes a row: an object, or an array of pairs when names repeat or are not UTF-8.</summary>
static class RowJson
{
    /// <summary>Writes a row.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="value">The row, or null.</param>
    /// <param name="other">The event's other row.</param>
    /// <returns>Whether a field of the object is base64, and so has to be listed.</returns>
    public static bool Write(Utf8JsonWriter json, Row? value, Row? other)
    {
        if (value is not { } row)
        {
            json.WriteNullValue();
        }
        else if (row.Schema.IsObject)
        {
            return WriteObject(json, row, other);
        }
        else
        {
            WritePairs(json, row);
        }

        return false;
    }

    static bool WriteObject(Utf8JsonWriter json, Row row, Row? other)
    {
        var hasBase64 = false;
        json.WriteStartObject();
        for (var i = 0; i < row.Count; i++)
        {
            if (row.GetState(i) is FieldState.Present or FieldState.Null)
            {
                json.WritePropertyName(row.Schema[i].EncodedName);
                var isBase64 = ValueJson.IsBase64(row, i, other);
                ValueJson.Write(json, row, i, isBase64);
                hasBase64 |= isBase64;
            }
        }

        json.WriteEndObject();
        return hasBase64;
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
