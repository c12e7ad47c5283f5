using System.Globalization;

namespace Penstock.Sinks.Tests;

static class SampleEvents
{
    static readonly EventOrigin Origin = new("pipe", "src", DeliveryGuarantee.AtLeastOnce);
    static readonly RowSchema Schema = new(new RowField("id", FieldType.Integer, isKey: true), new RowField("note", FieldType.Text, isKey: false));

    public static ChangeEvent Event(ulong number, string subject = "public.orders", string note = "x", string key = "")
    {
        var builder = new RowBuilder();
        builder.Begin(Schema);
        builder.Append(System.Text.Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture)));
        builder.Append(System.Text.Encoding.UTF8.GetBytes(note));
        var change = new ChangeEvent
        {
            Kind = ChangeKind.Insert,
            Subject = subject,
            Position = new SourcePosition("", SourcePosition.Compose(number, 1UL << 32)),
            Key = System.Text.Encoding.UTF8.GetBytes(key),
            After = builder.Build(),
        };
        change.Stamp(Origin, (long)number);
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
