using System.Globalization;

namespace Penstock.Sinks.Tests;

static class SampleEvents
{
    static readonly RowSchema Schema = new(new RowField("id", FieldType.Integer, isKey: true), new RowField("note", FieldType.Text, isKey: false));

    public static ChangeEvent Event(ulong number, string subject = "public.orders", string note = "x", string key = "", string origin = "pipe/src", string partition = "", bool replayed = false)
    {
        var builder = new RowBuilder();
        builder.Begin(Schema);
        builder.Append(System.Text.Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture)));
        builder.Append(System.Text.Encoding.UTF8.GetBytes(note));
        var change = new ChangeEvent
        {
            Kind = ChangeKind.Insert,
            Subject = subject,
            Position = new SourcePosition(partition, SourcePosition.Compose(number, 1UL << 32)),
            Key = System.Text.Encoding.UTF8.GetBytes(key),
            After = builder.Build(),
            Headers = replayed ? new Dictionary<string, string> { [EventHeaders.Replayed] = "2026-11-20T21:14:00Z" } : new Dictionary<string, string>(),
        };
        var names = origin.Split('/');
        change.Stamp(new EventOrigin(names[0], names[1], DeliveryGuarantee.AtLeastOnce), (long)number);
        return change;
    }

    /// <summary>The event's line as every sink must write it, with its line break.</summary>
    public static string Line(ChangeEvent change)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using var json = new EventJsonWriter(buffer);
        json.Write(change);
        return System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    public static string Lines(params IEnumerable<ChangeEvent> changes) => string.Concat(changes.Select(Line));
}
