using System.Globalization;

namespace Penstock;

/// <summary>A size such as <c>"64KiB"</c> or <c>"8MiB"</c>.</summary>
/// <param name="bytes">The size in bytes.</param>
public readonly struct ByteSize(long bytes) : IEquatable<ByteSize>
{
    static readonly (string Unit, long Factor)[] Units = [("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10), ("B", 1)];

    /// <summary>The size in bytes.</summary>
    public long Bytes { get; } = bytes;

    /// <summary>The form that <see cref="TryParse"/> reads.</summary>
    public const string Pattern = "^[0-9]+(B|KiB|MiB|GiB)$";

    /// <summary>Reads a number with one of the units B, KiB, MiB, GiB.</summary>
    public static bool TryParse(string? text, out ByteSize size)
    {
        size = default;
        foreach (var (unit, factor) in Units)
        {
            if (text is not null && text.EndsWith(unit, StringComparison.Ordinal))
            {
                var parsed = long.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number);
                if (!parsed || number > long.MaxValue / factor)
                {
                    return false;
                }

                size = new ByteSize(number * factor);
                return true;
            }
        }

        return false;
    }

    /// <summary>The shortest exact text.</summary>
    public override string ToString()
    {
        foreach (var (unit, factor) in Units)
        {
            if (Bytes >= factor && Bytes % factor == 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{Bytes / factor}{unit}");
            }
        }

        return "0B";
    }

    /// <inheritdoc/>
    public bool Equals(ByteSize other) => Bytes == other.Bytes;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ByteSize other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Bytes.GetHashCode();

    /// <summary>Whether both are the same size.</summary>
    public static bool operator ==(ByteSize left, ByteSize right) => left.Equals(right);

    /// <summary>Whether the sizes differ.</summary>
    public static bool operator !=(ByteSize left, ByteSize right) => !left.Equals(right);
}
