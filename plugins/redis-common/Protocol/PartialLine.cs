namespace Penstock.Redis;

/// <summary>Reads lines that end with CR LF, and keeps the start of one that has not arrived whole.</summary>
sealed class PartialLine(int maxLength)
{
    byte[] _kept = [];
    int _length;

    /// <summary>The next line without its end: a slice of the block, or an array of its own when it lay in several blocks.</summary>
    public bool TryRead(byte[] block, ref int offset, int end, out (byte[] Block, int Start, int Length) line)
    {
        var bytes = block.AsSpan(offset, end - offset);
        var feed = bytes.IndexOf((byte)'\n');
        if (_length + (feed < 0 ? bytes.Length : feed) > maxLength)
        {
            throw new RedisProtocolException($"Expected a line of at most {maxLength} bytes, found a longer one.");
        }

        if (feed < 0 || _length > 0)
        {
            Keep(feed < 0 ? bytes : bytes[..(feed + 1)]);
            offset += feed < 0 ? bytes.Length : feed + 1;
            line = feed < 0 ? default : (_kept, 0, _length - 2);
            if (feed < 0)
            {
                return false;
            }

            // The array goes to the line's owner; the next partial line gets a new one.
            (_kept, _length) = ([], 0);
        }
        else
        {
            line = (block, offset, feed - 1);
            offset += feed + 1;
        }

        if (line.Length < 0 || line.Block[line.Start + line.Length] != '\r')
        {
            throw new RedisProtocolException("Expected CR LF at the end of a line, found LF alone.");
        }

        return true;
    }

    void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_kept.Length < _length + bytes.Length)
        {
            Array.Resize(ref _kept, Math.Max(64, 2 * (_length + bytes.Length)));
        }

        bytes.CopyTo(_kept.AsSpan(_length));
        _length += bytes.Length;
    }
}
