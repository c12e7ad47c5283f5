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
    // The longest id is a pipeline and a source name of 63 characters each, a partition and a position.
    const int IdOnStack = 512;

    static readonly JsonWriterOptions Options = new()
    {
        // Names and raw JSON values come from servers that have checked them; the tests check this writer.
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
        WriteId(change);
        _json.WriteString(Names.Source, change.Origin.Source);
        _json.WriteString(Names.Delivery, Names.Of(change.Origin.Guarantee));
        _json.WriteString(Names.Subject, change.Subject);
        _json.WriteString(Names.Kind, Names.Of(change.Kind));
        _json.WritePropertyName(Names.Key);
        WriteKeyValue(change);
        WriteRow(Names.Before, change.Before);
        WriteRow(Names.After, change.After);
        WriteNames(change);
        WritePosition(change.Position);
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
        WriteKeyValue(change);
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

    void WriteId(ChangeEvent change)
    {
        var prefix = change.Origin.IdPrefix;
        var partition = change.Position.Partition ?? "";
        var size = prefix.Length + (partition.Length * 3) + 1 + SourcePosition.MaxOrderLength;
        var rented = size > IdOnStack ? ArrayPool<byte>.Shared.Rent(size) : null;
        var id = rented ?? stackalloc byte[IdOnStack];
        prefix.CopyTo(id);
        var length = prefix.Length + FormatPosition(change.Position, id[prefix.Length..]);
        _json.WriteString(Names.Id, id[..length]);
        Return(rented);
    }

    void WritePosition(SourcePosition position)
    {
        var size = ((position.Partition ?? "").Length * 3) + 1 + SourcePosition.MaxOrderLength;
        var rented = size > IdOnStack ? ArrayPool<byte>.Shared.Rent(size) : null;
        var text = rented ?? stackalloc byte[IdOnStack];
        _json.WriteString(Names.Position, text[..FormatPosition(position, text)]);
        Return(rented);
    }

    static int FormatPosition(SourcePosition position, Span<byte> destination)
    {
        var length = 0;
        if (!string.IsNullOrEmpty(position.Partition))
        {
            length = System.Text.Encoding.UTF8.GetBytes(position.Partition, destination);
            destination[length++] = (byte)'@';
        }

        return length + position.FormatOrder(destination[length..]);
    }

    static void Return(byte[]? rented)
    {
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    void WriteKeyValue(ChangeEvent change)
    {
        // A delete has its key in the row as it was.
        if ((change.After ?? change.Before) is { Schema.HasKey: true } row)
        {
            _json.WriteStartObject();
            for (var i = 0; i < row.Count; i++)
            {
                if (row.Schema[i].IsKey && row.GetState(i) != FieldState.Absent)
                {
                    _json.WritePropertyName(row.Schema[i].EncodedName);
                    ValueJson.Write(_json, row, i);
                }
            }

            _json.WriteEndObject();
        }
        else if (change.Key.IsEmpty)
        {
            _json.WriteNullValue();
        }
        else
        {
            ValueJson.WriteText(_json, change.Key.Span);
        }
    }

    void WriteRow(JsonEncodedText name, Row? value)
    {
        _json.WritePropertyName(name);
        if (value is not { } row)
        {
            _json.WriteNullValue();
        }
        else if (row.Schema.IsObject)
        {
            WriteObject(row);
        }
        else
        {
            WritePairs(row);
        }
    }

    void WriteObject(Row row)
    {
        _json.WriteStartObject();
        for (var i = 0; i < row.Count; i++)
        {
            if (row.GetState(i) is FieldState.Present or FieldState.Null)
            {
                _json.WritePropertyName(row.Schema[i].EncodedName);
                ValueJson.Write(_json, row, i);
            }
        }

        _json.WriteEndObject();
    }

    void WritePairs(Row row)
    {
        _json.WriteStartArray();
        for (var i = 0; i < row.Count; i++)
        {
            _json.WriteStartArray();
            ValueJson.WriteTextOrBase64Object(_json, row.Schema[i].NameBytes.Span);
            ValueJson.WriteTextOrBase64Object(_json, row[i]);
            _json.WriteEndArray();
        }

        _json.WriteEndArray();
    }

    // Lists of field names that tell apart what JSON cannot: unchanged from absent, JSON null from SQL NULL, base64 from text.
    void WriteNames(ChangeEvent change)
    {
        var rows = new FieldLists(_json);
        if (change.After is { Schema.IsObject: true } after)
        {
            rows.Unchanged(after);
            rows.Nulls(after);
            rows.Base64(after);
        }
        else if (change.Before is { Schema.IsObject: true } before)
        {
            rows.Nulls(before);
            rows.Base64(before);
        }
    }

    void WriteOccurredAt(DateTimeOffset? occurredAt)
    {
        _json.WritePropertyName(Names.OccurredAt);
        if (occurredAt is { } time)
        {
            Span<byte> text = stackalloc byte[40];
            time.UtcDateTime.TryFormat(text, out var length, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);
            _json.WriteStringValue(text[..length]);
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
