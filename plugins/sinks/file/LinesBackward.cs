using Microsoft.Win32.SafeHandles;

namespace Penstock.Sinks.File;

/// <summary>The whole lines of a file, from the last to the first; a torn one at the end is left out.</summary>
sealed class LinesBackward
{
    const int BlockSize = 16 * 1024;

    readonly SafeFileHandle _file;
    byte[] _buffer = [];
    int _start;
    int _end;
    long _offset;

    public LinesBackward(SafeFileHandle file)
    {
        _file = file;
        _offset = LastLine.EndOf(file, RandomAccess.GetLength(file));
    }

    /// <summary>The line before, valid until the next call; false at the beginning of the file.</summary>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        while (true)
        {
            var unread = _buffer.AsSpan(_start, _end - _start);
            var lineBreak = unread.IsEmpty ? -1 : unread[..^1].LastIndexOf((byte)'\n');
            if (lineBreak >= 0 || _offset == 0)
            {
                line = unread[(lineBreak + 1)..];
                _end = _start + lineBreak + 1;
                return !line.IsEmpty;
            }

            ReadBlock();
        }
    }

    // What is unread moves behind the block that comes before it; blocks grow with the line, so that a long one is not copied over and over.
    void ReadBlock()
    {
        var unread = _end - _start;
        var block = (int)Math.Min(Math.Max(BlockSize, unread), _offset);
        var from = _buffer.AsSpan(_start, unread);
        if (_buffer.Length < block + unread)
        {
            _buffer = new byte[checked(block + unread)];
        }

        from.CopyTo(_buffer.AsSpan(block));
        _offset -= block;
        if (LastLine.ReadAll(_file, _buffer.AsSpan(0, block), _offset) < block)
        {
            throw new IOException("The file became shorter while it was read: somebody else writes to it.");
        }

        (_start, _end) = (0, block + unread);
    }
}
