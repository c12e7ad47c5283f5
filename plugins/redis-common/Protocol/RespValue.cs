using System.Buffers.Text;
using System.Text;

namespace Penstock.Redis;

/// <summary>
/// One reply. Strings are slices of the block that was read (see <see cref="ReadBlocks"/>): never copied, and valid for ever
/// unless their owner lets them go (<see cref="RedisConnection.ExecuteOverEarlierAsync"/>).
/// </summary>
public readonly struct RespValue
{
    readonly object? _data;
    readonly long _bits;

    RespValue(RespKind kind, object? data, long bits)
    {
        Kind = kind;
        _data = data;
        _bits = bits;
    }

    public RespKind Kind { get; }

    public bool IsNull => Kind == RespKind.Null;

    public bool IsError => Kind == RespKind.Error;

    /// <summary>The bytes of a string or an error; otherwise empty.</summary>
    public ReadOnlyMemory<byte> Bytes => _data is byte[] block ? block.AsMemory((int)(_bits >> 32), (int)_bits) : default;

    /// <summary>As <see cref="Bytes"/>.</summary>
    public ReadOnlySpan<byte> Span => _data is byte[] block ? block.AsSpan((int)(_bits >> 32), (int)_bits) : default;

    /// <summary>The values of an array, set, push or map (names and values in turn); otherwise empty.</summary>
    public ReadOnlySpan<RespValue> Items => _data is RespValue[] items ? items.AsSpan(0, (int)_bits) : default;

    /// <summary>The number of <see cref="Items"/>.</summary>
    public int Count => _data is RespValue[]? (int)_bits : 0;

    public RespValue this[int index] => Items[index];

    public static RespValue Of(long value) => new(RespKind.Integer, null, value);

    public static RespValue Of(double value) => new(RespKind.Double, null, BitConverter.DoubleToInt64Bits(value));

    public static RespValue Of(bool value) => new(RespKind.Boolean, null, value ? 1 : 0);

    public static RespValue Slice(RespKind kind, byte[] block, int start, int length) =>
        new(kind, block, ((long)start << 32) | (uint)length);

    public static RespValue Aggregate(RespKind kind, RespValue[] items, int count) => new(kind, items, count);

    /// <summary>The number of an integer, a boolean, or a string of digits.</summary>
    /// <exception cref="RedisProtocolException">The value is something else.</exception>
    public long AsInt64()
    {
        if (Kind is RespKind.Integer or RespKind.Boolean)
        {
            return _bits;
        }

        return Kind == RespKind.String && Utf8Parser.TryParse(Span, out long value, out var length) && length == Span.Length
            ? value
            : throw new RedisProtocolException($"Expected a number in the reply, found {Kind}.");
    }

    /// <summary>The number of a double or an integer.</summary>
    /// <exception cref="RedisProtocolException">The value is something else.</exception>
    public double AsDouble() => Kind == RespKind.Double ? BitConverter.Int64BitsToDouble(_bits) : AsInt64();

    /// <summary>The bytes as UTF-8 text. Allocates: not for hot paths.</summary>
    public string AsText() => Encoding.UTF8.GetString(Span);

    /// <summary>Finds a map's value by its name; null when there is none.</summary>
    public RespValue Find(ReadOnlySpan<byte> name)
    {
        var items = Items;
        for (var i = 0; i + 1 < items.Length; i += 2)
        {
            if (items[i].Span.SequenceEqual(name))
            {
                return items[i + 1];
            }
        }

        return default;
    }

    /// <summary>This value, unless it is an error.</summary>
    /// <exception cref="RedisException">The value is an error.</exception>
    public RespValue OrThrow() => IsError ? throw RedisException.From(this) : this;

    /// <summary>The kind only: values are data and do not belong in logs.</summary>
    public override string ToString() => Kind.ToString();
}
