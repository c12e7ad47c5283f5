using System.Text;

namespace Penstock;

/// <summary>Ids and positions as UTF-8, without a string.</summary>
static class PositionText
{
    /// <summary>The most bytes that <see cref="Write"/> takes.</summary>
    public static int MaxLength(ReadOnlySpan<byte> prefix, in SourcePosition position) =>
        prefix.Length + Encoding.UTF8.GetMaxByteCount(position.Partition.Length) + 1 + SourcePosition.MaxOrderLength;

    /// <summary>Writes the prefix and the position's text form, and returns their length.</summary>
    public static int Write(Span<byte> destination, ReadOnlySpan<byte> prefix, in SourcePosition position)
    {
        prefix.CopyTo(destination);
        var length = prefix.Length;
        if (position.Partition.Length > 0)
        {
            length += Encoding.UTF8.GetBytes(position.Partition, destination[length..]);
            destination[length++] = (byte)'@';
        }

        return length + position.FormatOrder(destination[length..]);
    }
}
