using System.Buffers;
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
        var size = PositionText.MaxLength(prefix, position);
        var rented = size > OnStack ? ArrayPool<byte>.Shared.Rent(size) : null;
        var text = rented ?? stackalloc byte[OnStack];
        json.WriteString(name, text[..PositionText.Write(text, prefix, position)]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
