using System.Buffers;

namespace Penstock.Sources.PostgresWal;

/// <summary>
/// Reads rows from what <c>COPY … TO STDOUT</c> sends in its text format: the output of each type's own function, as in the stream, between
/// tabs, a line for each row, with backslashes before what would be mistaken.
/// </summary>
sealed class CopyRows(Stream copy)
{
    const int SmallestBuffer = 64 * 1024;

    static readonly SearchValues<byte> Ends = SearchValues.Create("\t\n\\"u8);

    readonly RowBuilder _rows = new();
    byte[] _buffer = new byte[SmallestBuffer];
    int _start;
    int _end;
    byte[] _unescaped = [];

    /// <summary>The bytes of the rows that were read.</summary>
    public long Bytes { get; private set; }

    /// <summary>Reads the next row; null after the last one.</summary>
    /// <exception cref="EndOfStreamException">The copy ended amid a row.</exception>
    public async ValueTask<Row?> ReadAsync(RowSchema schema)
    {
        // Where no line ends, nothing needs to be searched again.
        var searched = 0;
        while (true)
        {
            var rest = _buffer.AsSpan(_start, _end - _start);
            var length = rest[searched..].IndexOf((byte)'\n');
            if (length >= 0)
            {
                length += searched + 1;
                var row = Parse(rest[..length], schema);
                _start += length;
                Bytes += length;
                return row;
            }

            searched = rest.Length;
            MakeRoom();
            var count = await copy.ReadAsync(_buffer.AsMemory(_end), CancellationToken.None).ConfigureAwait(false);
            if (count == 0)
            {
                return _start == _end ? null : throw new EndOfStreamException("The copy ended amid a row.");
            }

            _end += count;
        }
    }

    void MakeRoom()
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_end == _buffer.Length)
        {
            var rest = _end - _start;
            var target = rest > _buffer.Length / 2 ? new byte[checked(_buffer.Length * 2)] : _buffer;
            _buffer.AsSpan(_start, rest).CopyTo(target);
            (_buffer, _start, _end) = (target, 0, rest);
        }
    }

    Row Parse(ReadOnlySpan<byte> line, RowSchema schema)
    {
        _rows.Begin(schema);
        for (var field = 0; field < schema.Count; field++)
        {
            line = line[Append(line, isLast: field == schema.Count - 1)..];
        }

        return line.IsEmpty ? _rows.Build() : throw Unexpected(line[0]);
    }

    // Returns what the field took, with its end.
    int Append(ReadOnlySpan<byte> line, bool isLast)
    {
        var end = isLast ? (byte)'\n' : (byte)'\t';
        var length = line.IndexOfAny(Ends);
        if (line[length] == '\\')
        {
            if (line[length + 1] == 'N' && length == 0)
            {
                _rows.Append(FieldState.Null);
                return line[2] == end ? 3 : throw Unexpected(line[2]);
            }

            return AppendEscaped(line, length, end);
        }

        _rows.Append(line[..length]);
        return line[length] == end ? length + 1 : throw Unexpected(line[length]);
    }

    int AppendEscaped(ReadOnlySpan<byte> line, int plain, byte end)
    {
        if (_unescaped.Length < line.Length)
        {
            _unescaped = new byte[Math.Max(line.Length, SmallestBuffer)];
        }

        var (read, written) = (0, 0);
        while (true)
        {
            line.Slice(read, plain).CopyTo(_unescaped.AsSpan(written));
            (read, written) = (read + plain, written + plain);
            if (line[read] != '\\')
            {
                _rows.Append(_unescaped.AsSpan(0, written));
                return line[read] == end ? read + 1 : throw Unexpected(line[read]);
            }

            _unescaped[written++] = Unescape(line[read + 1]);
            read += 2;
            plain = line[read..].IndexOfAny(Ends);
        }
    }

    static byte Unescape(byte letter) => letter switch
    {
        (byte)'b' => (byte)'\b',
        (byte)'f' => (byte)'\f',
        (byte)'n' => (byte)'\n',
        (byte)'r' => (byte)'\r',
        (byte)'t' => (byte)'\t',
        (byte)'v' => (byte)'\v',
        _ => letter,
    };

    static InvalidDataException Unexpected(byte found) =>
        new($"Expected the columns that were asked for in a row of COPY, found 0x{found:X2} where one ends or begins.");
}
