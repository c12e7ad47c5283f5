using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Penstock;

/// <summary>
/// Reads what <see cref="EventJsonWriter"/> wrote. The event has the same id and origin, and writing it again gives the same bytes;
/// its fields have the types that JSON can tell: numbers, booleans, text, JSON, bytes. Not thread-safe.
/// </summary>
public sealed class EventJsonReader
{
    readonly RowJsonReader _rows = new();
    EventOrigin? _origin;

    /// <summary>Reads one event.</summary>
    /// <param name="line">One JSON object in UTF-8, with or without a line break at its end.</param>
    /// <exception cref="FormatException">The line is no event; the message says what was expected and where, and repeats no data.</exception>
    public ChangeEvent Read(ReadOnlySpan<byte> line)
    {
        if (!Utf8.IsValid(line))
        {
            throw new FormatException("An event is JSON in UTF-8; found other bytes.");
        }

        try
        {
            return Read(new EventParts(line));
        }
        catch (JsonException e)
        {
            throw new FormatException($"An event is one JSON object; found a syntax error at byte {e.BytePositionInLine}.", e);
        }
        catch (InvalidOperationException e)
        {
            // The reader's answer to half a surrogate pair.
            throw new FormatException($"An event's names and texts must be whole characters: {e.Message}", e);
        }
    }

    ChangeEvent Read(EventParts parts)
    {
        if (!parts[EventPart.Version].SequenceEqual("1"u8))
        {
            throw parts.Unexpected(EventPart.Version, "1, the version that this reader knows", "another");
        }

        var keyFields = FieldNames.OfKey(parts);
        var base64 = parts.GetNames(EventPart.Base64);
        var after = _rows.Read(parts, EventPart.After, new FieldNames(keyFields, base64, parts.GetNames(EventPart.Nulls), parts.GetNames(EventPart.Unchanged)));
        var nullsBefore = parts.GetNames(after is null ? EventPart.Nulls : EventPart.BeforeNulls);
        var before = _rows.Read(parts, EventPart.Before, new FieldNames(keyFields, base64, nullsBefore, []));
        RefuseUnknownKey(parts, keyFields, after ?? before);
        var change = new ChangeEvent
        {
            Kind = KindOf(parts),
            Subject = parts.GetString(EventPart.Subject),
            Position = SourcePosition.Parse(parts.GetString(EventPart.Position)),
            Key = KeyOf(parts),
            Before = before,
            After = after,
            OccurredAt = OccurredAtOf(parts),
            Transaction = EnvelopeJson.ReadTransaction(parts),
            Headers = EnvelopeJson.ReadHeaders(parts),
        };
        change.Stamp(OriginOf(parts), sequence: 0);
        return change;
    }

    static ChangeKind KindOf(EventParts parts) => parts.GetString(EventPart.Kind) switch
    {
        "insert" => ChangeKind.Insert,
        "update" => ChangeKind.Update,
        "delete" => ChangeKind.Delete,
        "truncate" => ChangeKind.Truncate,
        "message" => ChangeKind.Message,
        "snapshot" => ChangeKind.Snapshot,
        _ => throw parts.Unexpected(EventPart.Kind, "insert, update, delete, truncate, message or snapshot", "another word"),
    };

    static DeliveryGuarantee GuaranteeOf(EventParts parts) => parts.GetString(EventPart.Delivery) switch
    {
        "at-most-once" => DeliveryGuarantee.AtMostOnce,
        "at-least-once" => DeliveryGuarantee.AtLeastOnce,
        _ => throw parts.Unexpected(EventPart.Delivery, "at-most-once or at-least-once", "another word"),
    };

    // The object's JSON is as good a key as the source's own bytes: the same key gives the same bytes.
    static byte[] KeyOf(EventParts parts)
    {
        var key = parts[EventPart.Key];
        return key switch
        {
            [(byte)'n', ..] => [],
            [(byte)'{', ..] => key.ToArray(),
            _ when parts[EventPart.KeyBase64] is [(byte)'t', ..] => FromBase64(parts),
            _ => Encoding.UTF8.GetBytes(parts.GetString(EventPart.Key)),
        };
    }

    static byte[] FromBase64(EventParts parts)
    {
        var reader = new Utf8JsonReader(parts[EventPart.Key]);
        return reader.Read() && reader.TokenType == JsonTokenType.String && reader.TryGetBytesFromBase64(out var bytes)
            ? bytes
            : throw parts.Unexpected(EventPart.Key, "base64", reader.TokenType);
    }

    static void RefuseUnknownKey(EventParts parts, IReadOnlyList<string> keyFields, Row? row)
    {
        foreach (var name in keyFields)
        {
            if (row is not { } fields || fields.Schema.IndexOf(name) < 0)
            {
                throw parts.Unexpected(EventPart.Key, "made of fields of the row", "another field");
            }
        }
    }

    static DateTimeOffset? OccurredAtOf(EventParts parts)
    {
        if (parts[EventPart.OccurredAt] is [(byte)'n', ..])
        {
            return null;
        }

        var text = parts.GetString(EventPart.OccurredAt);
        return DateTimeOffset.TryParseExact(text, "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw parts.Unexpected(EventPart.OccurredAt, "a time such as 2026-11-20T21:14:00.123456Z", "another text");
    }

    EventOrigin OriginOf(EventParts parts)
    {
        var source = parts.GetString(EventPart.Source);
        var guarantee = GuaranteeOf(parts);
        var id = parts.GetString(EventPart.Id);
        var pipeline = id[..Math.Max(0, id.IndexOf('/', StringComparison.Ordinal))];
        if (id != $"{pipeline}/{source}:{parts.GetString(EventPart.Position)}")
        {
            throw parts.Unexpected(EventPart.Id, "pipeline/source:position, with the event's own source and position", "another text");
        }

        if (_origin is not { } origin || origin.Pipeline != pipeline || origin.Source != source || origin.Guarantee != guarantee)
        {
            origin = new EventOrigin(pipeline, source, guarantee);
            _origin = origin;
        }

        return origin;
    }
}
