using System.Buffers;
using System.Text.Json;

namespace Penstock;

/// <summary>Checks and compacts JSON that a source sent, so that no value can break the line it is written to.</summary>
static class JsonText
{
    /// <summary>For JSON from servers, which nest deeper than the reader's default of 64.</summary>
    public static readonly JsonReaderOptions Deep = new() { MaxDepth = 1 << 20 };

    const int OnStack = 256;

    /// <summary>Whether the text is a JSON number: NaN and Infinity are none.</summary>
    public static bool IsNumber(ReadOnlySpan<byte> text)
    {
        var rest = text is [(byte)'-', ..] ? text[1..] : text;
        if (rest is [(byte)'0', (>= (byte)'0' and <= (byte)'9'), ..] || !SkipDigits(ref rest))
        {
            return false;
        }

        if (rest is [(byte)'.', ..])
        {
            rest = rest[1..];
            if (!SkipDigits(ref rest))
            {
                return false;
            }
        }

        if (rest is [(byte)'e' or (byte)'E', ..])
        {
            rest = rest is [_, (byte)'+' or (byte)'-', ..] ? rest[2..] : rest[1..];
            if (!SkipDigits(ref rest))
            {
                return false;
            }
        }

        return rest.IsEmpty;
    }

    /// <summary>Whether the UTF-8 text is one JSON value.</summary>
    public static bool IsValue(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text, Deep);
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Writes a JSON value without the white space between its tokens; digits, escapes and the order of names stay.</summary>
    public static void WriteCompacted(Utf8JsonWriter json, ReadOnlySpan<byte> value)
    {
        var rented = value.Length > OnStack ? ArrayPool<byte>.Shared.Rent(value.Length) : null;
        var compact = rented ?? stackalloc byte[OnStack];
        var length = 0;
        var inString = false;
        for (var i = 0; i < value.Length; i++)
        {
            var b = value[i];
            if (inString && b == '\\')
            {
                compact[length++] = b;
                b = value[++i];
            }
            else if (b == '"')
            {
                inString = !inString;
            }
            else if (!inString && b is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
            {
                continue;
            }

            compact[length++] = b;
        }

        json.WriteRawValue(compact[..length], skipInputValidation: true);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    static bool SkipDigits(ref ReadOnlySpan<byte> text)
    {
        var digits = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        digits = digits < 0 ? text.Length : digits;
        text = text[digits..];
        return digits > 0;
    }
}
