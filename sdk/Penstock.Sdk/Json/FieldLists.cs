using System.Text.Json;

namespace Penstock;

/// <summary>
/// Writes the lists of field names that tell apart what JSON cannot: unchanged from absent, JSON null from SQL NULL, base64 from
/// text. A list without names is left out.
/// </summary>
ref struct FieldLists(Utf8JsonWriter json, Row? before, Row? after)
{
    bool _isOpen;

    /// <summary>Writes the lists.</summary>
    /// <param name="hasBase64">Whether a field is base64; to look again costs as much as to write the rows.</param>
    public void Write(bool hasBase64)
    {
        if (after is { Schema.IsObject: true } now)
        {
            Unchanged(now);
            Nulls(Names.Nulls, now);
        }

        if (before is { Schema.IsObject: true } old)
        {
            // "nulls" speaks about one row only, the one that consumers apply.
            Nulls(after is null ? Names.Nulls : Names.BeforeNulls, old);
        }

        if (hasBase64)
        {
            Base64();
        }
    }

    void Unchanged(Row row)
    {
        for (var i = 0; i < row.Count; i++)
        {
            if (row.GetState(i) == FieldState.Unchanged)
            {
                Add(Names.Unchanged, row, i);
            }
        }

        Close();
    }

    void Nulls(JsonEncodedText name, Row row)
    {
        for (var i = 0; i < row.Count; i++)
        {
            if (row.Schema[i].Type == FieldType.Json && row.GetState(i) == FieldState.Null)
            {
                Add(name, row, i);
            }
        }

        Close();
    }

    void Base64()
    {
        if (after is { Schema.IsObject: true } now)
        {
            for (var i = 0; i < now.Count; i++)
            {
                if (now.GetState(i) == FieldState.Present && ValueJson.IsBase64(now, i, before))
                {
                    Add(Names.Base64, now, i);
                }
            }
        }

        if (before is { Schema.IsObject: true } old)
        {
            for (var i = 0; i < old.Count; i++)
            {
                if (ValueJson.IsBase64(old, i) && !IsPresentIn(after, old, i))
                {
                    Add(Names.Base64, old, i);
                }
            }
        }

        Close();
    }

    static bool IsPresentIn(Row? row, Row other, int index)
    {
        if (row is not { Schema.IsObject: true } now)
        {
            return false;
        }

        var same = ValueJson.Find(now, other, index);
        return same >= 0 && now.GetState(same) == FieldState.Present;
    }

    void Add(JsonEncodedText name, Row row, int index)
    {
        if (!_isOpen)
        {
            json.WriteStartArray(name);
            _isOpen = true;
        }

        json.WriteStringValue(row.Schema[index].EncodedName);
    }

    void Close()
    {
        if (_isOpen)
        {
            json.WriteEndArray();
            _isOpen = false;
        }
    }
}
