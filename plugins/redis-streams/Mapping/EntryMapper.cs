using Microsoft.Extensions.Logging;
using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>
/// Turns entries into events: one that Penstock wrote into the event that it was, any other into a row of its fields. The values are copied
/// once, so that an event does not keep the block that it was read in.
/// </summary>
sealed class EntryMapper(KeyPath? key, ILogger log)
{
    readonly SchemaCache _schemas = new();
    readonly RowBuilder _rows = new();
    readonly EventJsonReader _written = new();
    bool _saidThatKeyIsMissing;
    bool _saidThatEventIsNone;

    public ChangeEvent Map(StreamState stream, StreamId id, ReadOnlySpan<RespValue> fields) =>
        Decode(stream, id, fields) ?? MapFields(stream, id, fields);

    // The redis-streams sink writes exactly these fields.
    public static bool IsWritten(ReadOnlySpan<RespValue> fields) =>
        fields.Length == 6 && fields[0].Span.SequenceEqual("id"u8) && fields[2].Span.SequenceEqual("key"u8) && fields[4].Span.SequenceEqual("event"u8);

    ChangeEvent? Decode(StreamState stream, StreamId id, ReadOnlySpan<RespValue> fields)
    {
        if (!IsWritten(fields))
        {
            return null;
        }

        try
        {
            var written = _written.Read(fields[5].Span);
            return new ChangeEvent
            {
                Kind = written.Kind,
                Subject = written.Subject,
                Position = new SourcePosition(stream.Name, id.Order),
                Key = key is null ? written.Key : KeyOf(stream, RowOf(fields)),
                Before = written.Before,
                After = written.After,
                OccurredAt = written.OccurredAt,
                Transaction = written.Transaction,
                Headers = written.Headers,
            };
        }
        catch (FormatException e)
        {
            if (!_saidThatEventIsNone)
            {
                _saidThatEventIsNone = true;
                log.EventIsNone(stream.Name, e.Message);
            }

            return null;
        }
    }

    ChangeEvent MapFields(StreamState stream, StreamId id, ReadOnlySpan<RespValue> fields)
    {
        var row = RowOf(fields);
        return new ChangeEvent
        {
            Kind = ChangeKind.Message,
            Subject = stream.Name,
            Position = new SourcePosition(stream.Name, id.Order),
            Key = key is null ? default : KeyOf(stream, row),
            After = row,
            OccurredAt = id.Time,
        };
    }

    Row RowOf(ReadOnlySpan<RespValue> fields)
    {
        _rows.Begin(_schemas.Of(fields));
        for (var i = 1; i < fields.Length; i += 2)
        {
            _rows.Append(fields[i].Span);
        }

        return _rows.Build();
    }

    ReadOnlyMemory<byte> KeyOf(StreamState stream, Row row)
    {
        var value = key!.Find(row);
        if (value.IsEmpty && !_saidThatKeyIsMissing)
        {
            _saidThatKeyIsMissing = true;
            log.KeyIsMissing(stream.Name, key.Text);
        }

        return value;
    }
}
