using System.Text.Json;

namespace Penstock;

/// <summary>Where in a line the values of the native format lie. Unknown names are ignored.</summary>
readonly ref struct EventParts
{
    static readonly JsonEncodedText[] Known =
    [
        Names.Version, Names.Id, Names.Source, Names.Delivery, Names.Subject, Names.Kind, Names.Key, Names.KeyBase64, Names.Before, Names.After,
        Names.Unchanged, Names.Nulls, Names.BeforeNulls, Names.Base64, Names.Position, Names.OccurredAt, Names.Transaction, Names.Headers,
    ];

    readonly ReadOnlySpan<byte> _line;
    readonly Range?[] _values = new Range?[Known.Length];

    public EventParts(ReadOnlySpan<byte> line)
    {
        _line = line;
        var reader = new Utf8JsonReader(line, JsonText.Deep);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new FormatException($"An event is a JSON object; found {reader.TokenType} at byte {reader.TokenStartIndex}.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var part = Find(ref reader);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (part >= 0)
            {
                _values[part] = start..(int)reader.BytesConsumed;
            }
        }

        // What follows the object makes the reader throw.
        reader.Read();
    }

    public bool Has(EventPart part) => _values[(int)part] is not null;

    /// <summary>The value's JSON; <c>null</c> when the line has none.</summary>
    public ReadOnlySpan<byte> this[EventPart part] => _values[(int)part] is { } range ? _line[range] : "null"u8;

    /// <summary>A value that must be a string.</summary>
    public string GetString(EventPart part)
    {
        var reader = new Utf8JsonReader(this[part], JsonText.Deep);
        reader.Read();
        return reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw Unexpected(part, "a string", reader.TokenType);
    }

    /// <summary>A list of names; empty when the line has none.</summary>
    public IReadOnlyList<string> GetNames(EventPart part)
    {
        if (!Has(part))
        {
            return [];
        }

        var reader = new Utf8JsonReader(this[part], JsonText.Deep);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw Unexpected(part, "an array of names", reader.TokenType);
        }

        var names = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            names.Add(reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw Unexpected(part, "an array of names", reader.TokenType));
        }

        return names;
    }

    public FormatException Unexpected(EventPart part, string expected, object found)
    {
        var at = _values[(int)part] is { } range ? $"at byte {range.Start.Value}" : "missing";
        return new FormatException($"\"{Known[(int)part].Value}\" of an event must be {expected}; found {found} ({at}).");
    }

    static int Find(ref Utf8JsonReader reader)
    {
        for (var i = 0; i < Known.Length; i++)
        {
            if (reader.ValueTextEquals(Known[i].EncodedUtf8Bytes))
            {
                return i;
            }
        }

        return -1;
    }
}
