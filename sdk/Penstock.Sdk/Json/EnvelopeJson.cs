using System.Collections.ObjectModel;
using System.Text.Json;

namespace Penstock;

/// <summary>Reads what travels around the rows: the transaction and the headers.</summary>
static class EnvelopeJson
{
    public static TransactionMark? ReadTransaction(EventParts parts)
    {
        var reader = new Utf8JsonReader(parts[EventPart.Transaction], JsonText.Deep);
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        string? id = null;
        var index = 0L;
        bool? isLast = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isId = reader.ValueTextEquals(Names.Id.EncodedUtf8Bytes);
            var isIndex = reader.ValueTextEquals(Names.Index.EncodedUtf8Bytes);
            var isMark = reader.ValueTextEquals(Names.Last.EncodedUtf8Bytes);
            reader.Read();
            if (isId && reader.TokenType == JsonTokenType.String)
            {
                id = reader.GetString();
            }
            else if (isIndex && reader.TokenType == JsonTokenType.Number)
            {
                reader.TryGetInt64(out index);
            }
            else if (isMark && reader.TokenType is JsonTokenType.True or JsonTokenType.False)
            {
                isLast = reader.TokenType == JsonTokenType.True;
            }
            else
            {
                reader.Skip();
            }
        }

        return id is not null && isLast is { } last
            ? new TransactionMark(id, index, last)
            : throw parts.Unexpected(EventPart.Transaction, "null or an object of id, index and last", "another value");
    }

    public static IReadOnlyDictionary<string, string> ReadHeaders(EventParts parts)
    {
        var reader = new Utf8JsonReader(parts[EventPart.Headers], JsonText.Deep);
        reader.Read();
        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.Null))
        {
            throw parts.Unexpected(EventPart.Headers, "an object of strings", reader.TokenType);
        }

        Dictionary<string, string>? headers = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            headers ??= new(StringComparer.Ordinal);
            headers[name] = reader.TokenType == JsonTokenType.String
                ? reader.GetString()!
                : throw parts.Unexpected(EventPart.Headers, "an object of strings", reader.TokenType);
        }

        return headers is null ? ReadOnlyDictionary<string, string>.Empty : headers;
    }
}
