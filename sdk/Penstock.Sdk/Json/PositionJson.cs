using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Penstock;

/// <summary>Writes ids and positions without a string.</summary>
static class PositionJson
{
    // Two names of 63 characters and a position without a partition fit by far.
    const int OnStack = 512;

    /// <summary>Writes the prefix and the position's text form.</summary>
    public static void Write(Utf8JsonWriter json, JsonEncodedText name, ReadOnlySpan<byte> prefix, SourcePosition position)
    {
        var partition = position.Partition;
        var size = prefix.Length + Encoding.UTF8.GetMaxByteCount(partition.Length) + 1 + SourcePosition.MaxOrderLength;
        var rented = size > OnStack ? ArrayPool<byte>.Shared.Rent(size) : null;
        var text = rented ?? stackalloc byte[OnStack];
        prefix.CopyTo(text);
        var length = prefix.Length;
        if (partition.Length > 0)
        {
            length += Encoding.UTF8.GetBytes(partition, text[length..]);
            text[length++] = (byte)'@';
        }

        length += position.FormatOrder(text[length..]);
        json.WriteString(name, text[..length]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
