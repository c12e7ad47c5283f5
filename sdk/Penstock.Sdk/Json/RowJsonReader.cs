using System.Text.Json;

namespace Penstock;

/// <summary>Reads rows. Keeps the last schema, because one row resembles the next.</summary>
sealed class RowJsonReader
{
    readonly RowBuilder _builder = new();
    readonly FieldJsonReader _fields = new();
    RowSchema? _schema;

    public Row? Read(EventParts parts, EventPart part, FieldNames names)
    {
        var json = parts[part];
        _fields.Clear();
        switch (json)
        {
            case [(byte)'n', ..]:
                return null;
            case [(byte)'{', ..]:
                ReadObject(parts, part, names);
                break;
            case [(byte)'[', ..]:
                ReadPairs(parts, part);
                break;
            default:
                throw parts.Unexpected(part, "an object, an array of pairs or null", "another value");
        }

        var row = Build();
        return json[0] == '{' && !row.Schema.IsObject
            ? throw parts.Unexpected(part, "an object of different names, or an array of pairs", "a name twice")
            : row;
    }

    void ReadObject(EventParts parts, EventPart part, FieldNames names)
    {
        var json = parts[part];
        var reader = new Utf8JsonReader(json, JsonText.Deep);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (!_fields.Add(ref reader, json, name, names))
            {
                throw parts.Unexpected(part, "consistent with \"base64\" and \"nulls\"", $"{reader.TokenType} in field {_fields.Count + 1}");
            }
        }

        foreach (var name in names.Unchanged)
        {
            _fields.AddUnchanged(name, names);
        }
    }

    void ReadPairs(EventParts parts, EventPart part)
    {
        var reader = new Utf8JsonReader(parts[part], JsonText.Deep);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartArray)
        {
            reader.Read();
            var name = PairJson.Read(ref reader);
            reader.Read();
            var value = PairJson.Read(ref reader);
            if (name is null || (value is null && reader.TokenType != JsonTokenType.Null) || !reader.Read() || reader.TokenType != JsonTokenType.EndArray)
            {
                throw parts.Unexpected(part, "an array of [name, value], each a string or {\"base64\":…}", reader.TokenType);
            }

            _fields.AddPair(name, value);
        }

        if (reader.TokenType != JsonTokenType.EndArray)
        {
            throw parts.Unexpected(part, "an array of [name, value]", reader.TokenType);
        }
    }

    Row Build()
    {
        if (_schema is null || !_fields.Matches(_schema))
        {
            _schema = _fields.ToSchema();
        }

        _builder.Begin(_schema);
        _fields.AppendTo(_builder);
        return _builder.Build();
    }
}
