using Microsoft.Win32.SafeHandles;

namespace Penstock.Sinks.File;

static class LastLine
{
    const int BlockSize = 64 * 1024;

    /// <summary>The length of the file up to and with its last line break; 0 when it has none.</summary>
    public static long EndOf(SafeFileHandle file, long length)
    {
        var block = new byte[Math.Min(BlockSize, length)];
        for (var end = length; end > 0; end -= Math.Min(BlockSize, end))
        {
            var start = Math.Max(0, end - BlockSize);
            var read = ReadAll(file, block.AsSpan(0, (int)(end - start)), start);
            if (block.AsSpan(0, read).LastIndexOf((byte)'\n') is >= 0 and var at)
            {
                return start + at + 1;
            }
        }

        return 0;
    }

    /// <summary>How many bytes of the block the file had.</summary>
    public static int ReadAll(SafeFileHandle file, Span<byte> block, long offset)
    {
        var total = 0;
        while (total < block.Length && RandomAccess.Read(file, block[total..], offset + total) is > 0 and var read)
        {
            total += read;
        }

        return total;
    }
}
