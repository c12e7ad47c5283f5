using Microsoft.Extensions.Logging;
using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>Turns entries into events. The values are copied once, so that an event does not keep the block that it was read in.</summary>
sealed class EntryMapper(KeyPath? key, ILogger log)
{
    readonly SchemaCache _schemas = new();
    readonly RowBuilder _rows = new();
    bool _saidThatKeyIsMissing;

    public ChangeEvent Map(StreamState stream, StreamId id, ReadOnlySpan<RespValue> fields)
    {
        _rows.Begin(_schemas.Of(fields));
        for (var i = 1; i < fields.Length; i += 2)
        {
            _rows.Append(fields[i].Span);
        }

        var row = _rows.Build();
        return new ChangeEvent
        {
            Kind = ChangeKind.Message,
            Subject = stream.Name,
            Position = new SourcePosition(stream.Name, id.Order),
            Key = KeyOf(stream, row),
            After = row,
            OccurredAt = id.Time,
        };
    }

    ReadOnlyMemory<byte> KeyOf(StreamState stream, Row row)
    {
        if (key is null)
        {
            return WrittenKey(row);
        }

        var value = key.Find(row);
        if (value.IsEmpty && !_saidThatKeyIsMissing)
        {
            _saidThatKeyIsMissing = true;
            log.KeyIsMissing(stream.Name, key.Text);
        }

        return value;
    }

    // The redis-streams sink writes exactly these fields; its key is JSON, null when the event had none.
    static ReadOnlyMemory<byte> WrittenKey(Row row)
    {
        const int keyField = 1;
        var isOurs = row.Count == 3 && row.Schema[0].NameBytes.Span.SequenceEqual("id"u8)
            && row.Schema[keyField].NameBytes.Span.SequenceEqual("key"u8) && row.Schema[2].NameBytes.Span.SequenceEqual("event"u8);
        return isOurs ? KeyPath.OfJson(row.GetMemory(keyField)) : default;
    }
}
