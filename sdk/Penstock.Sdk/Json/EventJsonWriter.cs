using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Penstock;

/// <summary>
/// Writes events in Penstock's native JSON, one object without a line break per event, straight from the slices of the row.
/// Every sink uses this writer, so all write the same bytes. Not thread-safe: one per lane.
/// </summary>
/// <param name="output">Where the bytes go.</param>
public sealed class EventJsonWriter(IBufferWriter<byte> output) : IDisposable
{
    static readonly JsonWriterOptions Options = new()
    {
        // Every raw value is checked before it is written; the tests check this writer.
        SkipValidation = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    readonly Utf8JsonWriter _json = new(output, Options);

    /// <summary>Writes one event.</summary>
    /// <exception cref="InvalidOperationException">The event has not passed the host yet.</exception>
    public void Write(ChangeEvent change)
    {
        ArgumentNullException.ThrowIfNull(change);
        _json.Reset();
        _json.WriteStartObject();
        _json.WriteNumber(Names.Version, 1);
        PositionJson.Write(_json, Names.Id, change.Origin.IdPrefix, change.Position);
        _json.WriteString(Names.Source, change.Origin.Source);
        _json.WriteString(Names.Delivery, Names.Of(change.Origin.Guarantee));
        _json.WriteString(Names.Subject, change.Subject);
        _json.WriteString(Names.Kind, Names.Of(change.Kind));
        _json.WritePropertyName(Names.Key);
        KeyJson.Write(_json, change);
        if (KeyJson.IsBase64(change))
        {
            _json.WriteBoolean(Names.KeyBase64, true);
        }

        _json.WritePropertyName(Names.Before);
        var hasBase64 = RowJson.Write(_json, change.Before, change.After);
        _json.WritePropertyName(Names.After);
        hasBase64 |= RowJson.Write(_json, change.After, change.Before);
        new FieldLists(_json, change.Before, change.After).Write(hasBase64);
        PositionJson.Write(_json, Names.Position, [], change.Position);
        WriteOccurredAt(change.OccurredAt);
        WriteTransaction(change.Transaction);
        WriteHeaders(change.Headers);
        _json.WriteEndObject();
        _json.Flush();
    }

    /// <summary>Writes the event's key as the <c>key</c> of <see cref="Write"/> has it: an object of the key fields, a string, or null.</summary>
    public void WriteKey(ChangeEvent change)
    {
        ArgumentNullException.ThrowIfNull(change);
        _json.Reset();
        KeyJson.Write(_json, change);
        _json.Flush();
    }

    /// <summary>Writes the row alone: <c>after</c>, or <c>before</c> of an event that has no row any more, or null.</summary>
    public void WriteRow(ChangeEvent change)
    {
        ArgumentNullException.ThrowIfNull(change);
        _json.Reset();
        RowJson.Write(_json, change.After ?? change.Before, null);
        _json.Flush();
    }

    /// <summary>Writes the event's subject as a JSON string.</summary>
    public void WriteSubject(ChangeEvent change)
    {
        ArgumentNullException.ThrowIfNull(change);
        _json.Reset();
        _json.WriteStringValue(change.Subject);
        _json.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    void WriteOccurredAt(DateTimeOffset? occurredAt)
    {
        _json.WritePropertyName(Names.OccurredAt);
        if (occurredAt is { } time)
        {
            // The round-trip format has a seventh digit; a custom format costs ten times as much.
            const int toSixthDigit = 26;
            Span<byte> text = stackalloc byte[toSixthDigit + 2];
            time.UtcDateTime.TryFormat(text, out _, "O", System.Globalization.CultureInfo.InvariantCulture);
            text[toSixthDigit] = (byte)'Z';
            _json.WriteStringValue(text[..(toSixthDigit + 1)]);
        }
        else
        {
            _json.WriteNullValue();
        }
    }

    void WriteTransaction(TransactionMark? transaction)
    {
        if (transaction is not { } mark)
        {
            _json.WriteNull(Names.Transaction);
            return;
        }

        _json.WriteStartObject(Names.Transaction);
        _json.WriteString(Names.Id, mark.Id);
        _json.WriteNumber(Names.Index, mark.Index);
        _json.WriteBoolean(Names.Last, mark.IsLast);
        _json.WriteEndObject();
    }

    void WriteHeaders(IReadOnlyDictionary<string, string> headers)
    {
        _json.WriteStartObject(Names.Headers);
        if (headers.Count > 0)
        {
            foreach (var (name, value) in headers)
            {
                _json.WriteString(name, value);
            }
        }

        _json.WriteEndObject();
    }
}
