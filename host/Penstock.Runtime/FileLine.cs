namespace Penstock.Runtime;

/// <summary>A whole line of a file.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Offset">Where it begins in the file.</param>
/// <param name="Bytes">Without the line break; valid until the next line is asked for.</param>
readonly record struct FileLine(int Number, long Offset, ReadOnlyMemory<byte> Bytes)
{
    const int InitialSize = 64 * 1024;

    /// <summary>Reads a file that may grow meanwhile. A last line without its line break is being written, or a crash tore it: it is not there.</summary>
    public static IEnumerable<FileLine> ReadAll(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        var buffer = new byte[InitialSize];
        var (start, end, number, offset) = (0, 0, 0, 0L);
        while (true)
        {
            while (buffer.AsSpan(start, end - start).IndexOf((byte)'\n') is >= 0 and var length)
            {
                yield return new FileLine(++number, offset, buffer.AsMemory(start, length));
                start += length + 1;
                offset += length + 1;
            }

            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
            if (end == buffer.Length)
            {
                Array.Resize(ref buffer, checked(2 * buffer.Length));
            }

            var read = file.Read(buffer, end, buffer.Length - end);
            if (read == 0)
            {
                yield break;
            }

            end += read;
        }
    }

    /// <summary>Reads one line again.</summary>
    public static byte[] Read(string path, long offset, int length)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var line = new byte[length];
        var read = 0;
        while (read < length && RandomAccess.Read(file, line.AsSpan(read), offset + read) is > 0 and var more)
        {
            read += more;
        }

        return read == length ? line : throw new IOException($"{path}: {length} bytes were expected at {offset}, {read} are there");
    }
}
