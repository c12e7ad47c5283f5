using System.Text.Json;
using System.Text.Unicode;

namespace Penstock;

/// <summary>Writes a key: an object of the row's key fields, else the key's bytes as a string, else null.</summary>
static class KeyJson
{
    public static void Write(Utf8JsonWriter json, ChangeEvent change)
    {
        // A delete has its key in the row as it was.
        if ((change.After ?? change.Before) is { Schema: { HasKey: true, IsObject: true } } row && WriteFields(json, row, change))
        {
            return;
        }

        if (change.Key.IsEmpty)
        {
            json.WriteNullValue();
        }
        else if (IsBase64(change))
        {
            json.WriteBase64StringValue(change.Key.Span);
        }
        else
        {
            json.WriteStringValue(change.Key.Span);
        }
    }

    /// <summary>Whether the key's bytes are written and are not UTF-8.</summary>
    public static bool IsBase64(ChangeEvent change) => !Utf8.IsValid(change.Key.Span)
        && !((change.After ?? change.Before) is { Schema: { HasKey: true, IsObject: true } } row && HasFields(row));

    static bool HasFields(Row row)
    {
        for (var i = 0; i < row.Count; i++)
        {
            if (row.Schema[i].IsKey && row.GetState(i) != FieldState.Absent)
            {
                return true;
            }
        }

        return false;
    }

    static bool WriteFields(Utf8JsonWriter json, Row row, ChangeEvent change)
    {
        if (!HasFields(row))
        {
            return false;
        }

        var before = change.After is null ? null : change.Before;
        json.WriteStartObject();
        for (var i = 0; i < row.Count; i++)
        {
            if (row.Schema[i].IsKey && row.GetState(i) is FieldState.Present or FieldState.Null)
            {
                json.WritePropertyName(row.Schema[i].EncodedName);
                ValueJson.Write(json, row, i, ValueJson.IsBase64(row, i, before));
            }
        }

        for (var i = 0; i < row.Count; i++)
        {
            if (row.Schema[i].IsKey && row.GetState(i) == FieldState.Unchanged)
            {
                json.WritePropertyName(row.Schema[i].EncodedName);
                WriteUnchanged(json, row, i, before);
            }
        }

        json.WriteEndObject();
        return true;
    }

    // A long key that did not change is in the old row, when the server sent that.
    static void WriteUnchanged(Utf8JsonWriter json, Row row, int index, Row? before)
    {
        if (before is { Schema.IsObject: true } old && ValueJson.Find(old, row, index) is >= 0 and var same)
        {
            ValueJson.Write(json, old, same, ValueJson.IsBase64(old, same));
        }
        else
        {
            json.WriteNullValue();
        }
    }
}
