using System.Globalization;

namespace Penstock;

/// <summary>The text form of a <see cref="TimeSpan"/> in a config: <c>"250ms"</c>, <c>"5s"</c>, <c>"10m"</c>, <c>"1h"</c>.</summary>
public static class Duration
{
    // "ms" before "s", or 250ms would read as 250m seconds.
    static readonly (string Unit, long Ticks)[] Units =
    [
        ("ms", TimeSpan.TicksPerMillisecond), ("s", TimeSpan.TicksPerSecond), ("m", TimeSpan.TicksPerMinute), ("h", TimeSpan.TicksPerHour),
    ];

    /// <summary>The form that <see cref="TryParse"/> reads.</summary>
    public const string Pattern = "^[0-9]+(ms|s|m|h)$";

    /// <summary>Reads a whole number with one of the units ms, s, m, h.</summary>
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = default;
        foreach (var (unit, ticks) in Units)
        {
            if (text is not null && text.EndsWith(unit, StringComparison.Ordinal))
            {
                var parsed = long.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number);
                if (!parsed || number > TimeSpan.MaxValue.Ticks / ticks)
                {
                    return false;
                }

                duration = new TimeSpan(number * ticks);
                return true;
            }
        }

        return false;
    }

    /// <summary>The shortest exact text; parts of a millisecond are dropped.</summary>
    public static string Format(TimeSpan duration)
    {
        for (var i = Units.Length - 1; i >= 0; i--)
        {
            var (unit, ticks) = Units[i];
            if (duration.Ticks >= ticks && duration.Ticks % ticks == 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{duration.Ticks / ticks}{unit}");
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{duration.Ticks / TimeSpan.TicksPerMillisecond}ms");
    }
}
