using System.Buffers.Text;

namespace Penstock.Redis;

/// <summary>
/// Parses RESP3 from the blocks it is fed, resuming anywhere between two bytes. What it allocates is bounded by the bytes that have
/// really arrived, whatever lengths the server announces.
/// </summary>
sealed class RespParser(RespLimits limits)
{
    readonly PartialLine _line = new(limits.MaxLineLength);
    readonly PartialBulk _bulk = new();
    readonly RespFrames _frames = new(limits.MaxDepth);
    byte[] _block = [];
    int _offset;
    int _end;

    /// <summary>Gives the parser the next bytes; the last block must have been read to its end. Values keep slices of it.</summary>
    public void Feed(byte[] block, int start, int length)
    {
        _block = block;
        _offset = start;
        _end = start + length;
    }

    /// <summary>Earlier values are looked at by nobody any more.</summary>
    public void ReuseEarlier() => _frames.ReuseEarlier();

    /// <summary>The next complete value; false when more bytes are needed.</summary>
    /// <exception cref="RedisProtocolException">The bytes are not RESP3, or exceed a limit. The parser cannot go on.</exception>
    public bool TryRead(out RespValue value)
    {
        while (_bulk.IsOpen ? _bulk.TryFill(_block, ref _offset, _end, out value) : TryReadLeaf(out value))
        {
            if (_frames.Add(ref value))
            {
                return true;
            }
        }

        value = default;
        return false;
    }

    // Opens aggregates on the way to the next value that is complete in itself.
    bool TryReadLeaf(out RespValue value)
    {
        while (_line.TryRead(_block, ref _offset, _end, out var line))
        {
            var (block, start, length) = line;
            if (length == 0)
            {
                throw new RedisProtocolException("Expected a RESP3 type, found an empty line.");
            }

            var rest = block.AsSpan(start + 1, length - 1);
            var type = block[start];
            switch (type)
            {
                case (byte)'+' or (byte)'(':
                    value = RespValue.Slice(RespKind.String, block, start + 1, length - 1);
                    return true;
                case (byte)'-':
                    value = RespValue.Slice(RespKind.Error, block, start + 1, length - 1);
                    return true;
                case (byte)':':
                    value = RespValue.Of(ParseInteger(rest));
                    return true;
                case (byte)'_' when rest.IsEmpty:
                    value = default;
                    return true;
                case (byte)'#' when rest is [(byte)'t' or (byte)'f']:
                    value = RespValue.Of(rest[0] == 't');
                    return true;
                case (byte)',':
                    value = RespValue.Of(ParseDouble(rest));
                    return true;
                case (byte)'$' or (byte)'!' or (byte)'=':
                    return TryReadBulk(type, ParseLength(rest, limits.MaxBulkLength), out value);
                case (byte)'*' or (byte)'~' or (byte)'>' or (byte)'%' or (byte)'|':
                    if (TryOpen(type, ParseLength(rest, limits.MaxItems), out value))
                    {
                        return true;
                    }

                    break;
                default:
                    throw new RedisProtocolException($"Expected a RESP3 type, found byte 0x{type:X2}. Is this a Redis port, and does it speak TLS?");
            }
        }

        value = default;
        return false;
    }

    bool TryReadBulk(byte type, int length, out RespValue value)
    {
        if (length < 0)
        {
            value = default;
            return true;
        }

        _bulk.Open(type, length);
        return _bulk.TryFill(_block, ref _offset, _end, out value);
    }

    // True when the aggregate is complete, because it is null or empty.
    bool TryOpen(byte type, int count, out RespValue value)
    {
        var kind = type switch
        {
            (byte)'~' => RespKind.Set,
            (byte)'>' => RespKind.Push,
            (byte)'%' or (byte)'|' => RespKind.Map,
            _ => RespKind.Array,
        };
        value = count < 0 ? default : RespValue.Aggregate(kind, [], 0);
        if (count > 0)
        {
            _frames.Open(kind, kind == RespKind.Map ? 2 * count : count, isAttribute: type == '|');
        }

        // An empty attribute says nothing about the value that follows it.
        return count < 0 || (count == 0 && type != '|');
    }

    static int ParseLength(ReadOnlySpan<byte> text, int max)
    {
        var length = ParseInteger(text);
        return length >= -1 && length <= max
            ? (int)length
            : throw new RedisProtocolException($"Expected a length of at most {max}, found {length}.");
    }

    static long ParseInteger(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out long value, out var length) && length == text.Length
            ? value
            : throw new RedisProtocolException("Expected an integer, found other text.");

    static double ParseDouble(ReadOnlySpan<byte> text)
    {
        if (text.SequenceEqual("inf"u8))
        {
            return double.PositiveInfinity;
        }

        if (text.SequenceEqual("-inf"u8))
        {
            return double.NegativeInfinity;
        }

        if (text.SequenceEqual("nan"u8) || text.SequenceEqual("-nan"u8))
        {
            return double.NaN;
        }

        return Utf8Parser.TryParse(text, out double value, out var length) && length == text.Length
            ? value
            : throw new RedisProtocolException("Expected a number, found other text.");
    }
}
