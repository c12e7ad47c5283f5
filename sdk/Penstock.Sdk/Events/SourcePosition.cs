using System.Buffers.Binary;
using System.Globalization;

namespace Penstock;

/// <summary>
/// Where in its source an event lies. <see cref="Order"/> rises in source order within a <see cref="Partition"/>;
/// the host compares it and never parses it.
/// </summary>
/// <param name="partition">The independently ordered part of the source (a stream, say); empty when there is only one.</param>
/// <param name="order">128 bits that the source composes: an LSN and an ordinal, a stream id.</param>
public readonly struct SourcePosition(string partition, UInt128 order) : IEquatable<SourcePosition>
{
    const int GroupDigits = 8;
    const int Groups = 4;

    // Null in a default position, which equals one with an empty partition.
    readonly string? _partition = partition;

    // A field of 128 bits would be aligned to its size, and every event 16 bytes larger.
    readonly ulong _high = (ulong)(order >> 64);
    readonly ulong _low = (ulong)order;

    /// <summary>The longest text of <see cref="Order"/> in bytes.</summary>
    internal const int MaxOrderLength = (Groups * GroupDigits) + Groups - 1;

    /// <summary>The independently ordered part of the source; empty when there is only one.</summary>
    public string Partition => _partition ?? "";

    /// <summary>Rises in source order within the partition.</summary>
    public UInt128 Order => new(_high, _low);

    /// <summary>Composes an order from two halves.</summary>
    public static UInt128 Compose(ulong high, ulong low) => new(high, low);

    /// <summary>
    /// Reads what <see cref="ToString"/> wrote.
    /// </summary>
    /// <exception cref="FormatException">The text is not a position.</exception>
    public static SourcePosition Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var at = text.LastIndexOf('@');
        var digits = text.AsSpan(at + 1);
        UInt128 order = 0;
        var groups = 0;
        foreach (var range in digits.Split('/'))
        {
            var group = digits[range];
            if (group.Length != GroupDigits || ++groups > Groups
                || !uint.TryParse(group, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            {
                throw new FormatException($"\"{text}\" is not a position; expected groups of {GroupDigits} hex digits, such as 00000000/01A2B3C0/00000003.");
            }

            order = (order << 32) | value;
        }

        return new SourcePosition(at < 0 ? "" : text[..at], order << (32 * (Groups - groups)));
    }

    /// <summary>
    /// Four groups of eight hex digits, the last one left out when it is zero, after the partition and an <c>@</c> when there is one.
    /// The texts of one partition sort bytewise as their positions do.
    /// </summary>
    public override string ToString()
    {
        Span<byte> order = stackalloc byte[MaxOrderLength];
        var text = System.Text.Encoding.ASCII.GetString(order[..FormatOrder(order)]);
        return Partition.Length == 0 ? text : $"{Partition}@{text}";
    }

    /// <summary>Writes the order in its text form and returns the length.</summary>
    internal int FormatOrder(Span<byte> destination)
    {
        Span<byte> bytes = stackalloc byte[Groups * sizeof(uint)];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Order);
        var groups = (uint)Order == 0 ? Groups - 1 : Groups;
        for (var i = 0; i < groups; i++)
        {
            var text = destination.Slice(i * (GroupDigits + 1), GroupDigits);
            Convert.TryToHexString(bytes.Slice(i * sizeof(uint), sizeof(uint)), text, out _);
            if (i > 0)
            {
                destination[(i * (GroupDigits + 1)) - 1] = (byte)'/';
            }
        }

        return (groups * (GroupDigits + 1)) - 1;
    }

    /// <inheritdoc/>
    public bool Equals(SourcePosition other) => Order == other.Order && string.Equals(Partition, other.Partition, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SourcePosition other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Partition, Order);

    /// <summary>Whether both name the same place.</summary>
    public static bool operator ==(SourcePosition left, SourcePosition right) => left.Equals(right);

    /// <summary>Whether the two name different places.</summary>
    public static bool operator !=(SourcePosition left, SourcePosition right) => !left.Equals(right);
}
