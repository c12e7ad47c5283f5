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
        && !((change.After ?? change.Before) is { Schema: { HasKey: true, IsObject: true } } row && HasFields(change, row));

    // Only the row as it is now says what is unchanged.
    static bool IsWritten(ChangeEvent change, Row row, int index) => row.Schema[index].IsKey
        && (row.GetState(index) is FieldState.Present or FieldState.Null
            || (change.After is not null && row.GetState(index) == FieldState.Unchanged));

    static bool HasFields(ChangeEvent change, Row row)
    {
        for (var i = 0; i < row.Count; i++)
        {
            if (IsWritten(change, row, i))
            {
                return true;
            }
        }

        return false;
    }

    static bool WriteFields(Utf8JsonWriter json, Row row, ChangeEvent change)
    {
        if (!HasFields(change, row))
        {
            return false;
        }

        json.WriteStartObject();
        WriteFields(json, row, change, unchanged: false);
        WriteFields(json, row, change, unchanged: true);
        json.WriteEndObject();
        return true;
    }

    // The unchanged ones last, as they are beside the row, so that the reader finds one order of fields.
    static void WriteFields(Utf8JsonWriter json, Row row, ChangeEvent change, bool unchanged)
    {
        var before = change.After is null ? null : change.Before;
        for (var i = 0; i < row.Count; i++)
        {
            if (!IsWritten(change, row, i) || (row.GetState(i) == FieldState.Unchanged) != unchanged)
            {
                continue;
            }

            json.WritePropertyName(row.Schema[i].EncodedName);
            if (unchanged)
            {
                WriteUnchanged(json, row, i, before);
            }
            else
            {
                ValueJson.Write(json, row, i, ValueJson.IsBase64(row, i, before));
            }
        }
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
