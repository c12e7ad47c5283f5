using System.Text.Json;

namespace Penstock;

/// <summary>Writes PostgreSQL's timestamps as RFC 3339 with six digits.</summary>
static class TimestampJson
{
    // 2026-11-20 21:14:00, and the fraction with its point.
    const int ToSeconds = 19;
    const int ToFraction = ToSeconds + 7;

    /// <summary>
    /// Expects <c>2026-11-20 21:14:00[.f{1,6}]</c>, with <c>+00</c> when it is an instant. What RFC 3339 cannot say (infinity, BC,
    /// years of five digits) keeps the server's text.
    /// </summary>
    public static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> value, bool isInstant)
    {
        if (isInstant && !value.EndsWith("+00"u8))
        {
            json.WriteStringValue(value);
            return;
        }

        var clock = isInstant ? value[..^3] : value;
        if (!IsPlain(clock))
        {
            json.WriteStringValue(value);
            return;
        }

        Span<byte> text = stackalloc byte[ToFraction + 1];
        text[..ToFraction].Fill((byte)'0');
        clock.CopyTo(text);
        text[10] = (byte)'T';
        text[ToSeconds] = (byte)'.';
        text[ToFraction] = (byte)'Z';
        json.WriteStringValue(isInstant ? text : text[..ToFraction]);
    }

    static bool IsPlain(ReadOnlySpan<byte> clock)
    {
        if (clock.Length < ToSeconds || clock.Length > ToFraction || clock.Length == ToSeconds + 1)
        {
            return false;
        }

        var shape = "0000-00-00 00:00:00.000000"u8;
        for (var i = 0; i < clock.Length; i++)
        {
            if (shape[i] == '0' ? clock[i] is < (byte)'0' or > (byte)'9' : clock[i] != shape[i])
            {
                return false;
            }
        }

        return true;
    }
}
