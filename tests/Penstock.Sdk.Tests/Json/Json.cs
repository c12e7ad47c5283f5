using System.Buffers;
using System.Text;

namespace Penstock.Sdk.Tests;

/// <summary>Events by hand, and their JSON as text.</summary>
static class Json
{
    public static readonly EventOrigin Origin = new("orders", "db", DeliveryGuarantee.AtLeastOnce);

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    public static Row Row(params IReadOnlyList<(RowField Field, object? Value)> fields)
    {
        var builder = new RowBuilder();
        builder.Begin(new RowSchema([.. fields.Select(field => field.Field)]));
        foreach (var (_, value) in fields)
        {
            switch (value)
            {
                case null:
                    builder.Append(FieldState.Null);
                    break;
                case FieldState state:
                    builder.Append(state);
                    break;
                case byte[] bytes:
                    builder.Append(bytes);
                    break;
                default:
                    builder.Append(Utf8((string)value));
                    break;
            }
        }

        return builder.Build();
    }

    public static (RowField Field, object? Value) Field(string name, FieldType type, object? value, bool isKey = false) =>
        (new RowField(name, type, isKey), value);

    public static ChangeEvent Event(
        Row? after = null, Row? before = null, byte[]? key = null, string subject = "s", string partition = "", IReadOnlyDictionary<string, string>? headers = null)
    {
        var change = new ChangeEvent
        {
            Kind = ChangeKind.Insert,
            Subject = subject,
            Position = new SourcePosition(partition, 1),
            Key = key,
            Before = before,
            After = after,
            Headers = headers ?? new Dictionary<string, string>(),
        };
        change.Stamp(Origin, 1);
        return change;
    }

    public static string Write(ChangeEvent change) => Encoding.UTF8.GetString(WriteBytes(change));

    public static byte[] WriteBytes(ChangeEvent change)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new EventJsonWriter(buffer);
        json.Write(change);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The line from <c>"key"</c> up to <c>"position"</c>, which is what differs from event to event.</summary>
    public static string Body(ChangeEvent change)
    {
        var line = Write(change);
        var start = line.IndexOf("\"key\":", StringComparison.Ordinal);
        return line[start..(line.LastIndexOf(",\"position\":", StringComparison.Ordinal))];
    }

    /// <summary>How one field of the row appears.</summary>
    public static string Value(FieldType type, object? value)
    {
        var body = Body(Event(Row(Field("f", type, value))));
        const string Start = "\"key\":null,\"before\":null,\"after\":";
        Assert.StartsWith(Start, body, StringComparison.Ordinal);
        return body[Start.Length..];
    }
}
