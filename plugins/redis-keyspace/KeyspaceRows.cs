using System.Globalization;
using System.Text;

namespace Penstock.Sources.RedisKeyspace;

/// <summary>The rows of keyspace events: event and key, and with values what the key held when it was looked at.</summary>
sealed class KeyspaceRows
{
    public const int KeyField = 1;

    static readonly RowField Event = new("event", FieldType.Text, isKey: false);
    static readonly RowField Key = new("key", FieldType.Text, isKey: false);
    static readonly RowSchema Plain = new(Event, Key);
    static readonly RowSchema WithText = WithValue(FieldType.Text);
    static readonly RowSchema WithJson = WithValue(FieldType.Json);

    readonly RowBuilder _rows = new();

    /// <summary>A row without a value.</summary>
    public Row Of(ReadOnlySpan<byte> name, ReadOnlySpan<byte> key)
    {
        Begin(Plain, name, key);
        return _rows.Build();
    }

    /// <summary>A row with what the key held.</summary>
    public Row Of(ReadOnlySpan<byte> name, ReadOnlySpan<byte> key, in ObservedValue value)
    {
        Begin(value.IsText ? WithText : WithJson, name, key);
        Append(value.Type.Span, isPresent: !value.Type.IsEmpty);
        Append(value.Value.Span, isPresent: value.Missing.Length == 0);
        Span<byte> instant = stackalloc byte[32];
        var length = 0;
        value.At?.UtcDateTime.TryFormat(instant, out length, "yyyy-MM-dd HH:mm:ss.ffffff'+00'", CultureInfo.InvariantCulture);
        Append(instant[..length], isPresent: length > 0);
        Append(Encoding.ASCII.GetBytes(value.Missing), isPresent: value.Missing.Length > 0);
        return _rows.Build();
    }

    static RowSchema WithValue(FieldType type) => new(
        Event,
        Key,
        new RowField("type", FieldType.Text, isKey: false),
        new RowField("value", type, isKey: false),
        new RowField("valueObservedAt", FieldType.TimestampTz, isKey: false),
        new RowField("valueMissing", FieldType.Text, isKey: false));

    void Begin(RowSchema schema, ReadOnlySpan<byte> name, ReadOnlySpan<byte> key)
    {
        _rows.Begin(schema);
        _rows.Append(name);
        _rows.Append(key);
    }

    void Append(ReadOnlySpan<byte> value, bool isPresent)
    {
        if (isPresent)
        {
            _rows.Append(value);
        }
        else
        {
            _rows.Append(FieldState.Absent);
        }
    }
}
