using System.Text;
using static Penstock.Sdk.Tests.Json;

namespace Penstock.Sdk.Tests;

public sealed class EventJsonReaderTests
{
    const string Line = """
        {"v":1,"id":"orders/db:p@00000000/01A2B3C0/00000003","source":"db","delivery":"at-most-once","subject":"public.orders","kind":"update","key":{"id":42},"before":{"id":42,"doc":null,"raw":"AP8="},"after":{"id":42,"status":"pa\nid","ok":true,"price":1.50,"doc":{"a":[1]},"none":null,"sql":null},"unchanged":["note"],"nulls":["sql"],"beforeNulls":["doc"],"base64":["raw"],"position":"p@00000000/01A2B3C0/00000003","occurredAt":"2026-11-20T21:14:00.123456Z","transaction":{"id":"789","index":3,"last":true},"headers":{"h":"v"}}
        """;

    [Fact]
    public void Everything_of_a_line_is_in_the_event()
    {
        var change = Read(Line + "\n");

        Assert.Equal("orders/db:p@00000000/01A2B3C0/00000003", change.Id);
        Assert.Equal(("orders", "db", DeliveryGuarantee.AtMostOnce), (change.Origin.Pipeline, change.Origin.Source, change.Origin.Guarantee));
        Assert.Equal(("public.orders", ChangeKind.Update), (change.Subject, change.Kind));
        Assert.Equal(new SourcePosition("p", SourcePosition.Compose(0x01A2B3C0, 3UL << 32)), change.Position);
        Assert.Equal("{\"id\":42}", Encoding.UTF8.GetString(change.Key.Span));
        Assert.Equal(new DateTimeOffset(2026, 11, 20, 21, 14, 0, 123, 456, TimeSpan.Zero), change.OccurredAt);
        Assert.Equal(("789", 3L, true), (change.Transaction!.Value.Id, change.Transaction.Value.Index, change.Transaction.Value.IsLast));
        Assert.Equal("v", change.Headers["h"]);
        Assert.Equal(
            [
                ("id", FieldType.Integer, FieldState.Present, "42"), ("status", FieldType.Text, FieldState.Present, "pa\nid"), ("ok", FieldType.Boolean, FieldState.Present, "t"),
                ("price", FieldType.Float, FieldState.Present, "1.50"), ("doc", FieldType.Json, FieldState.Present, "{\"a\":[1]}"), ("none", FieldType.Text, FieldState.Null, ""),
                ("sql", FieldType.Json, FieldState.Null, ""), ("note", FieldType.Text, FieldState.Unchanged, ""),
            ],
            Fields(change.After!.Value));
        Assert.Equal(
            [("id", FieldType.Integer, FieldState.Present, "42"), ("doc", FieldType.Json, FieldState.Null, ""), ("raw", FieldType.Bytes, FieldState.Present, "\0\uFFFD")],
            Fields(change.Before!.Value));
        Assert.True(change.After.Value.Schema[0].IsKey);
        Assert.Equal(Line, Write(change));
    }

    [Fact]
    public void Unknown_names_and_another_order_of_names_are_no_problem()
    {
        var shuffled = Line.Replace("\"v\":1,", "\"later\":{\"v\":[2]},", StringComparison.Ordinal)[..^1] + ",\"v\":1}";
        Assert.Equal(Line, Write(Read(shuffled)));
    }

    [Fact]
    public void Keys_are_bytes_again()
    {
        Assert.Equal([0xFF, 0x00], Read(Write(Event(key: [0xFF, 0x00]))).Key.ToArray());
        Assert.Equal(Utf8("k\n"), Read(Write(Event(key: Utf8("k\n")))).Key.ToArray());
        Assert.True(Read(Write(Event())).Key.IsEmpty);
    }

    [Fact]
    public void Rows_of_one_shape_share_a_schema()
    {
        var reader = new EventJsonReader();
        var line = WriteBytes(Event(Row(Field("a", FieldType.Integer, "1"))));
        Assert.Same(reader.Read(line).After!.Value.Schema, reader.Read(line).After!.Value.Schema);
        Assert.Same(reader.Read(line).Origin, reader.Read(line).Origin);
    }

    [Theory]
    [InlineData("", "syntax error")]
    [InlineData("[]", "JSON object")]
    [InlineData("{\"v\":1", "syntax error")]
    [InlineData("{\"v\":1} {}", "syntax error at byte 8")]
    [InlineData("{\"v\":2}", "\"v\" of an event must be 1")]
    [InlineData("{}", "\"v\"")]
    [InlineData("{\"v\":1}", "\"kind\"")]
    public void What_is_no_event_is_refused_with_the_reason(string line, string expected) =>
        Assert.Contains(expected, Assert.Throws<FormatException>(() => Read(line)).Message);

    [Theory]
    [InlineData("\"kind\":\"update\"", "\"kind\":\"upsert\"", "\"kind\"")]
    [InlineData("\"delivery\":\"at-most-once\"", "\"delivery\":\"once\"", "\"delivery\"")]
    [InlineData("\"subject\":\"public.orders\"", "\"subject\":7", "a string; found Number")]
    [InlineData("\"source\":\"db\"", "\"source\":\"other\"", "\"id\"")]
    [InlineData("\"key\":{\"id\":42}", "\"key\":{\"other\":42}", "\"key\"")]
    [InlineData("\"key\":{\"id\":42}", "\"key\":7", "\"key\"")]
    [InlineData("\"key\":{\"id\":42}", "\"key\":\"$\",\"keyBase64\":true", "base64")]
    [InlineData("\"position\":\"p@", "\"position\":\"p@x", "not a position")]
    [InlineData("\"raw\":\"AP8=\"", "\"raw\":\"!\"", "\"before\"")]
    [InlineData("\"sql\":null", "\"sql\":1", "\"after\"")]
    [InlineData("\"ok\":true", "\"id\":true", "a name twice")]
    [InlineData("\"nulls\":[\"sql\"]", "\"nulls\":[7]", "\"nulls\"")]
    [InlineData("\"unchanged\":[\"note\"]", "\"unchanged\":\"note\"", "\"unchanged\"")]
    [InlineData("21:14:00.123456Z", "21:14", "\"occurredAt\"")]
    [InlineData("\"index\":3,\"last\":true", "\"index\":3", "\"transaction\"")]
    [InlineData("{\"h\":\"v\"}", "{\"h\":1}", "\"headers\"")]
    [InlineData("{\"h\":\"v\"}", "[]", "\"headers\"")]
    [InlineData("\"pa\\nid\"", "\"\\ud800\"", null)]
    [InlineData("\"subject\":\"public.orders\"", "\"subject\":\"\\ud800\"", "whole characters")]
    public void A_wrong_value_is_refused_by_name(string original, string replacement, string? expected)
    {
        var line = Line.Replace(original, replacement, StringComparison.Ordinal);
        Assert.NotEqual(Line, line);
        if (expected is null)
        {
            Assert.Equal(line, Write(Read(line)));
        }
        else
        {
            Assert.Contains(expected, Assert.Throws<FormatException>(() => Read(line)).Message);
        }
    }

    [Theory]
    [InlineData("[7]")]
    [InlineData("[[\"a\"]]")]
    [InlineData("[[\"a\",7]]")]
    [InlineData("[[\"a\",\"b\",\"c\"]]")]
    [InlineData("[[\"a\",{\"base64\":\"!\"}]]")]
    [InlineData("[[{\"other\":\"eA==\"},\"b\"]]")]
    [InlineData("7")]
    public void A_wrong_row_is_refused(string row)
    {
        var line = Write(Event()).Replace("\"after\":null", $"\"after\":{row}", StringComparison.Ordinal);
        Assert.Contains("\"after\"", Assert.Throws<FormatException>(() => Read(line)).Message);
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_refused() =>
        Assert.Contains("UTF-8", Assert.Throws<FormatException>(() => new EventJsonReader().Read([0x7B, 0xFF, 0x7D])).Message);

    static ChangeEvent Read(string line) => new EventJsonReader().Read(Utf8(line));

    static IEnumerable<(string Name, FieldType Type, FieldState State, string Value)> Fields(Row row) =>
        Enumerable.Range(0, row.Count).Select(i => (row.Schema[i].Name, row.Schema[i].Type, row.GetState(i), Encoding.UTF8.GetString(row[i])));
}
