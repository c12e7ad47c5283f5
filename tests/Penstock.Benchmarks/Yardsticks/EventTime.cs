using System.Buffers.Text;

namespace Penstock.Benchmarks.Yardsticks;

/// <summary>Finds an event's <c>occurredAt</c> in its JSON: for a row of PostgreSQL, when the server committed it.</summary>
static class EventTime
{
    static ReadOnlySpan<byte> Name => "\"occurredAt\":\""u8;

    /// <summary>UTC ticks, or zero without one. The time has the form 2026-11-20T21:14:00.123456Z.</summary>
    public static long Find(ReadOnlySpan<byte> json)
    {
        var at = json.IndexOf(Name);
        if (at < 0)
        {
            return 0;
        }

        var time = json[(at + Name.Length)..];
        return new DateTime(Number(time[..4]), Number(time[5..7]), Number(time[8..10]), Number(time[11..13]), Number(time[14..16]), Number(time[17..19])).Ticks
            + (Number(time[20..26]) * TimeSpan.TicksPerMicrosecond);
    }

    static int Number(ReadOnlySpan<byte> digits) =>
        Utf8Parser.TryParse(digits, out int number, out _) ? number : throw new MeasurementException("an event's time is not in the form that its format promises");
}
