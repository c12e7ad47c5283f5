using System.Buffers.Text;
using System.Globalization;

namespace Penstock.Benchmarks.Loads;

/// <summary>The number that every payload carries: <c>bench:</c>, ten digits, a colon, and filler up to the size that is asked for.</summary>
static class Marker
{
    public const int Digits = 10;

    public static ReadOnlySpan<byte> Prefix => "bench:"u8;

    /// <summary>The least bytes that a payload can have.</summary>
    public static int Length => Prefix.Length + Digits + 1;

    public static string Payload(long number, int bytes) =>
        ("bench:" + number.ToString("D10", CultureInfo.InvariantCulture) + ":").PadRight(bytes, 'x');

    /// <summary>Writes the number into a payload that is already there.</summary>
    public static void Write(Span<byte> payload, long number) =>
        number.TryFormat(payload.Slice(Prefix.Length, Digits), out _, "D10", CultureInfo.InvariantCulture);

    /// <summary>The number of the first payload in these bytes; -1 without one.</summary>
    public static long Find(ReadOnlySpan<byte> bytes)
    {
        var at = bytes.IndexOf(Prefix);
        return at >= 0 && Utf8Parser.TryParse(bytes.Slice(at + Prefix.Length, Digits), out long number, out _) ? number : -1;
    }
}
