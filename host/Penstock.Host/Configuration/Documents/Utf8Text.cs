using System.Buffers;
using System.Text;

namespace Penstock.Host.Configuration;

static class Utf8Text
{
    /// <summary>The offset of the first byte that is no UTF-8, or -1.</summary>
    public static int IndexOfInvalid(ReadOnlySpan<byte> text)
    {
        var at = 0;
        while (at < text.Length)
        {
            if (Rune.DecodeFromUtf8(text[at..], out _, out var length) != OperationStatus.Done)
            {
                return at;
            }

            at += length;
        }

        return -1;
    }
}
