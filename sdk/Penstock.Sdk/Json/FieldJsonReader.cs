using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Penstock;

/// <summary>Collects the fields of one row: from each value the type that writes the same JSON again.</summary>
sealed class FieldJsonReader
{
    readonly List<(ReadOnlyMemory<byte> Name, FieldType Type, bool IsKey, FieldState State, Range Value)> _fields = [];
    readonly ArrayBufferWriter<byte> _values = new();

    public int Count => _fields.Count;

    public void Clear()
    {
        _fields.Clear();
        _values.ResetWrittenCount();
    }

    /// <summary>Adds the field whose value the reader stands on; false when the value contradicts the lists.</summary>
    public bool Add(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, string name, FieldNames names)
    {
        var start = _values.WrittenCount;
        var state = reader.TokenType == JsonTokenType.Null ? FieldState.Null : FieldState.Present;
        var type = FieldType.Text;
        if (names.IsNull(name))
        {
            type = FieldType.Json;
            if (state != FieldState.Null)
            {
                return false;
            }
        }
        else if (names.IsBase64(name))
        {
            type = FieldType.Bytes;
            if (state == FieldState.Present && !(reader.TokenType == JsonTokenType.String && TryAddBase64(ref reader)))
            {
                return false;
            }
        }
        else if (state == FieldState.Present)
        {
            type = AddValue(ref reader, json);
        }

        _fields.Add((System.Text.Encoding.UTF8.GetBytes(name), type, names.IsKey(name), state, start.._values.WrittenCount));
        return true;
    }

    public void AddUnchanged(string name, FieldNames names)
    {
        var type = names.IsBase64(name) ? FieldType.Bytes : FieldType.Text;
        _fields.Add((System.Text.Encoding.UTF8.GetBytes(name), type, names.IsKey(name), FieldState.Unchanged, default));
    }

    public void AddPair(byte[] name, byte[]? value)
    {
        var start = _values.WrittenCount;
        _values.Write(value);
        _fields.Add((name, FieldType.Text, false, value is null ? FieldState.Null : FieldState.Present, start.._values.WrittenCount));
    }

    public bool Matches(RowSchema schema)
    {
        if (schema.Count != _fields.Count)
        {
            return false;
        }

        for (var i = 0; i < _fields.Count; i++)
        {
            var field = _fields[i];
            if (schema[i].Type != field.Type || schema[i].IsKey != field.IsKey || !schema[i].NameBytes.Span.SequenceEqual(field.Name.Span))
            {
                return false;
            }
        }

        return true;
    }

    public RowSchema ToSchema() => new(_fields.ConvertAll(field => new RowField(field.Name, field.Type, field.IsKey)));

    public void AppendTo(RowBuilder builder)
    {
        foreach (var field in _fields)
        {
            if (field.State == FieldState.Present)
            {
                builder.Append(_values.WrittenSpan[field.Value]);
            }
            else
            {
                builder.Append(field.State);
            }
        }
    }

    FieldType AddValue(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.True:
                _values.Write("t"u8);
                return FieldType.Boolean;
            case JsonTokenType.False:
                _values.Write("f"u8);
                return FieldType.Boolean;
            case JsonTokenType.Number:
                _values.Write(reader.ValueSpan);
                return reader.ValueSpan.IndexOfAny(".eE"u8) < 0 ? FieldType.Integer : FieldType.Float;
            case JsonTokenType.String when TryAddText(ref reader):
                return FieldType.Text;
            default:
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                _values.Write(json[start..(int)reader.BytesConsumed]);
                return FieldType.Json;
        }
    }

    // A string of a json column may be escaped in another way than ours, or hold half a surrogate pair: that stays JSON.
    bool TryAddText(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            if (JavaScriptEncoder.UnsafeRelaxedJsonEscaping.FindFirstCharacterToEncodeUtf8(reader.ValueSpan) >= 0)
            {
                return false;
            }

            _values.Write(reader.ValueSpan);
            return true;
        }

        var text = _values.GetSpan(reader.ValueSpan.Length);
        try
        {
            text = text[..reader.CopyString(text)];
        }
        catch (InvalidOperationException)
        {
            return false;
        }

        if (!JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes.SequenceEqual(reader.ValueSpan))
        {
            return false;
        }

        _values.Advance(text.Length);
        return true;
    }

    bool TryAddBase64(ref Utf8JsonReader reader)
    {
        if (!reader.TryGetBytesFromBase64(out var bytes))
        {
            return false;
        }

        _values.Write(bytes);
        return true;
    }
}
