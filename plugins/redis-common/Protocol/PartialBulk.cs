namespace Penstock.Redis;

/// <summary>
/// Reads the bytes of one bulk string. What lies whole in a block becomes a slice of it; anything else is gathered in an array of its own,
/// which grows with the bytes that arrive.
/// </summary>
sealed class PartialBulk
{
    const int FirstStep = 64 * 1024;
    const int LineEnd = 2;
    const int VerbatimPrefix = 4;

    byte _type;
    int _length = -1;
    int _received;
    byte[]? _gathered;

    public bool IsOpen => _length >= 0;

    public void Open(byte type, int length)
    {
        _type = type;
        _length = length;
        _received = 0;
        _gathered = null;
    }

    public bool TryFill(byte[] block, ref int offset, int end, out RespValue value)
    {
        if (_received == 0 && end - offset >= _length + LineEnd)
        {
            CheckEnd(block[offset + _length], '\r');
            CheckEnd(block[offset + _length + 1], '\n');
            value = Close(block, offset);
            offset += _length + LineEnd;
            _length = -1;
            return true;
        }

        Gather(block.AsSpan(offset, end - offset), ref offset);
        if (_received < _length + LineEnd)
        {
            value = default;
            return false;
        }

        value = Close(_gathered ?? [], 0);
        _length = -1;
        return true;
    }

    void Gather(ReadOnlySpan<byte> bytes, ref int offset)
    {
        var take = Math.Min(bytes.Length, Math.Max(0, _length - _received));
        if (take > 0)
        {
            Grow(_received + take);
            bytes[..take].CopyTo(_gathered.AsSpan(_received));
            _received += take;
        }

        var used = take;
        while (_received >= _length && _received < _length + LineEnd && used < bytes.Length)
        {
            CheckEnd(bytes[used++], _received++ == _length ? '\r' : '\n');
        }

        offset += used;
    }

    void Grow(int needed)
    {
        if (_gathered is null || _gathered.Length < needed)
        {
            var size = (int)Math.Min(_length, Math.Max(FirstStep, 2L * needed));
            var larger = GC.AllocateUninitializedArray<byte>(size);
            _gathered?.AsSpan(0, _received).CopyTo(larger);
            _gathered = larger;
        }
    }

    RespValue Close(byte[] block, int start)
    {
        if (_type == '!')
        {
            return RespValue.Slice(RespKind.Error, block, start, _length);
        }

        // A verbatim string starts with its format: txt: or mkd:
        var skip = _type == '=' ? VerbatimPrefix : 0;
        return _length >= skip
            ? RespValue.Slice(RespKind.String, block, start + skip, _length - skip)
            : throw new RedisProtocolException("Expected a verbatim string with its format, found a shorter one.");
    }

    static void CheckEnd(byte found, char expected)
    {
        if (found != expected)
        {
            throw new RedisProtocolException("Expected CR LF after a string of the announced length, found more bytes.");
        }
    }
}
