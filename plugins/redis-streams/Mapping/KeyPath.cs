using System.Text;
using System.Text.Json;
using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>
/// Where an entry's key is: a field, or a value in a field's JSON. Written <c>field</c> or <c>field/token/token</c>; in a token
/// <c>~1</c> stands for a slash and <c>~0</c> for a tilde, as in every JSON pointer.
/// </summary>
sealed class KeyPath
{
    readonly byte[] _field;
    readonly string[] _tokens;

    public KeyPath(string text)
    {
        Text = text;
        var parts = Array.ConvertAll(
            text.Split('/'), part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal));
        _field = Encoding.UTF8.GetBytes(parts[0]);
        _tokens = parts[1..];
    }

    public string Text { get; }

    /// <summary>The key's bytes; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Find(Row row)
    {
        for (var i = 0; i < row.Count; i++)
        {
            if (row.Schema[i].NameBytes.Span.SequenceEqual(_field))
            {
                var value = row.GetMemory(i);
                return _tokens.Length == 0 ? value : FindIn(value, _tokens);
            }
        }

        return default;
    }

    /// <inheritdoc cref="Find(Row)"/>
    /// <param name="fields">Names and values in turn.</param>
    public ReadOnlyMemory<byte> Find(ReadOnlySpan<RespValue> fields)
    {
        for (var i = 0; i < fields.Length; i += 2)
        {
            if (fields[i].Span.SequenceEqual(_field))
            {
                return _tokens.Length == 0 ? fields[i + 1].Bytes : FindIn(fields[i + 1].Bytes, _tokens);
            }
        }

        return default;
    }

    static ReadOnlyMemory<byte> FindIn(ReadOnlyMemory<byte> json, ReadOnlySpan<string> tokens)
    {
        try
        {
            var reader = new Utf8JsonReader(json.Span);
            reader.Read();
            foreach (var token in tokens)
            {
                if (!Enter(ref reader, token))
                {
                    return default;
                }
            }

            return Value(ref reader, json);
        }
        catch (JsonException)
        {
            return default;
        }
    }

    static bool Enter(ref Utf8JsonReader reader, string token)
    {
        var isArray = reader.TokenType == JsonTokenType.StartArray;
        if (!isArray && reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        var wanted = isArray && int.TryParse(token, System.Globalization.NumberStyles.None, null, out var number) ? number : -1;
        for (var index = 0; reader.Read() && reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray); index++)
        {
            var isIt = isArray ? index == wanted : reader.ValueTextEquals(token);
            if (!isArray)
            {
                reader.Read();
            }

            if (isIt)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    static ReadOnlyMemory<byte> Value(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return default;
        }

        if (reader.TokenType == JsonTokenType.String && reader.ValueIsEscaped)
        {
            var plain = new byte[reader.ValueSpan.Length];
            return plain.AsMemory(0, reader.CopyString(plain));
        }

        var start = (int)reader.TokenStartIndex;
        if (reader.TokenType == JsonTokenType.String)
        {
            return json.Slice(start + 1, reader.ValueSpan.Length);
        }

        reader.Skip();
        return json[start..(int)reader.BytesConsumed];
    }
}
