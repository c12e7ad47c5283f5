using System.Text.Json;
using static Penstock.Sdk.Tests.Json;

namespace Penstock.Sdk.Tests;

public sealed class EventJsonWriterTests
{
    static readonly byte[] NotUtf8 = [0xFF, 0x00, 0x80];

    [Fact]
    public void The_example_of_the_format_is_written_to_the_byte()
    {
        var change = new ChangeEvent
        {
            Kind = ChangeKind.Update,
            Subject = "public.orders",
            Position = SourcePosition.Parse("00000000/01A2B3C0/00000003"),
            Key = Utf8("42"),
            After = Row(
                Field("id", FieldType.Integer, "42", isKey: true), Field("status", FieldType.Text, "paid"), Field("note", FieldType.Text, FieldState.Unchanged)),
            OccurredAt = new DateTimeOffset(2026, 11, 20, 21, 14, 0, 123, 456, TimeSpan.Zero),
            Transaction = new TransactionMark("789", 3, isLast: false),
        };
        change.Stamp(Origin, 1);

        Assert.Equal(
            """
            {"v":1,"id":"orders/db:00000000/01A2B3C0/00000003","source":"db","delivery":"at-least-once","subject":"public.orders","kind":"update","key":{"id":42},"before":null,"after":{"id":42,"status":"paid"},"unchanged":["note"],"position":"00000000/01A2B3C0/00000003","occurredAt":"2026-11-20T21:14:00.123456Z","transaction":{"id":"789","index":3,"last":false},"headers":{}}
            """,
            Write(change));
        Assert.Equal("orders/db:00000000/01A2B3C0/00000003", change.Id);
    }

    [Fact]
    public void The_key_is_an_object_of_key_fields_or_a_string_or_null()
    {
        var row = Row(Field("a", FieldType.Text, "x", isKey: true), Field("b", FieldType.Text, "y"), Field("c", FieldType.Integer, "7", isKey: true));
        Assert.StartsWith("""
            "key":{"a":"x","c":7},"before":null,
            """, Body(Event(row, key: Utf8("ignored"))), StringComparison.Ordinal);
        Assert.Equal("""
            "key":"user:1","before":null,"after":null
            """, Body(Event(key: Utf8("user:1"))));
        Assert.Equal("""
            "key":null,"before":null,"after":null
            """, Body(Event()));
        Assert.Equal("""
            "key":"/wCA","keyBase64":true,"before":null,"after":null
            """, Body(Event(key: NotUtf8)));
    }

    [Fact]
    public void A_delete_has_its_key_in_what_the_server_sent_of_the_old_row()
    {
        var before = Row(Field("id", FieldType.Integer, "1", isKey: true), Field("note", FieldType.Text, FieldState.Absent));
        Assert.Equal("""
            "key":{"id":1},"before":{"id":1},"after":null
            """, Body(Event(before: before)));
    }

    [Fact]
    public void An_unchanged_key_is_taken_from_the_old_row()
    {
        RowField id = new("id", FieldType.Text, isKey: true);
        Assert.Equal("""
            "key":{"id":"long"},"before":{"id":"long"},"after":{},"unchanged":["id"]
            """, Body(Event(Row((id, FieldState.Unchanged)), Row((id, "long")))));
        Assert.Equal("""
            "key":{"id":null},"before":null,"after":{},"unchanged":["id"]
            """, Body(Event(Row((id, FieldState.Unchanged)))));
    }

    [Theory]
    [InlineData(FieldType.Integer, "9223372036854775807", "9223372036854775807")]
    [InlineData(FieldType.Integer, "-0", "-0")]
    [InlineData(FieldType.Integer, "007", "\"007\"")]
    [InlineData(FieldType.Integer, "", "\"\"")]
    [InlineData(FieldType.Integer, "1,2", "\"1,2\"")]
    [InlineData(FieldType.Float, "1.7976931348623157e+308", "1.7976931348623157e+308")]
    [InlineData(FieldType.Float, "-5e-324", "-5e-324")]
    [InlineData(FieldType.Float, "NaN", "\"NaN\"")]
    [InlineData(FieldType.Float, "Infinity", "\"Infinity\"")]
    [InlineData(FieldType.Float, "-Infinity", "\"-Infinity\"")]
    [InlineData(FieldType.Float, ".5", "\".5\"")]
    [InlineData(FieldType.Float, "5.", "\"5.\"")]
    [InlineData(FieldType.Float, "1e", "\"1e\"")]
    [InlineData(FieldType.Boolean, "t", "true")]
    [InlineData(FieldType.Boolean, "f", "false")]
    [InlineData(FieldType.Boolean, "yes", "\"yes\"")]
    [InlineData(FieldType.Text, "12.50", "\"12.50\"")]
    [InlineData(FieldType.Text, "", "\"\"")]
    [InlineData(FieldType.Json, " { \"a b\" : [ 1 ,\n\t 2.00 , \"x \\\" \\\\ y\" ] }\r\n", "{\"a b\":[1,2.00,\"x \\\" \\\\ y\"]}")]
    [InlineData(FieldType.Json, "12345678901234567890.000", "12345678901234567890.000")]
    [InlineData(FieldType.Json, "\"\\ud800 caf\\u00e9\"", "\"\\ud800 caf\\u00e9\"")]
    [InlineData(FieldType.Json, "null", "null")]
    [InlineData(FieldType.Json, "{\"a\":", "\"{\\\"a\\\":\"")]
    [InlineData(FieldType.Json, "1 2", "\"1 2\"")]
    [InlineData(FieldType.Json, "\"a\nb\"", "\"\\\"a\\nb\\\"\"")]
    [InlineData(FieldType.TimestampTz, "2026-11-20 21:14:00.1+00", "\"2026-11-20T21:14:00.100000Z\"")]
    [InlineData(FieldType.TimestampTz, "2026-11-20 21:14:00+00", "\"2026-11-20T21:14:00.000000Z\"")]
    [InlineData(FieldType.TimestampTz, "2026-11-20 21:14:00.123456+00", "\"2026-11-20T21:14:00.123456Z\"")]
    [InlineData(FieldType.TimestampTz, "2026-11-20 21:14:00", "\"2026-11-20 21:14:00\"")]
    [InlineData(FieldType.TimestampTz, "0044-03-15 12:00:00+00 BC", "\"0044-03-15 12:00:00+00 BC\"")]
    [InlineData(FieldType.TimestampTz, "12026-11-20 21:14:00+00", "\"12026-11-20 21:14:00+00\"")]
    [InlineData(FieldType.TimestampTz, "infinity", "\"infinity\"")]
    [InlineData(FieldType.Timestamp, "2026-11-20 21:14:00", "\"2026-11-20T21:14:00.000000\"")]
    [InlineData(FieldType.Timestamp, "2026-11-20 21:14:00.12", "\"2026-11-20T21:14:00.120000\"")]
    [InlineData(FieldType.Timestamp, "0044-03-15 12:00:00 BC", "\"0044-03-15 12:00:00 BC\"")]
    [InlineData(FieldType.Timestamp, "-infinity", "\"-infinity\"")]
    [InlineData(FieldType.Timestamp, "", "\"\"")]
    public void A_value_is_written_as_its_type_says_and_as_text_when_it_is_something_else(FieldType type, string value, string expected) =>
        Assert.Equal($"{{\"f\":{expected}}}", Value(type, value));

    [Theory]
    [InlineData("\\x00ff10", "AP8Q")]
    [InlineData("\\x", "")]
    [InlineData("\\xzz", "XHh6eg==")]
    public void Hexadecimal_bytes_become_base64_and_are_listed(string value, string expected) =>
        Assert.Equal($"{{\"f\":\"{expected}\"}},\"base64\":[\"f\"]", Value(FieldType.HexBytes, value));

    [Theory]
    [InlineData(FieldType.Bytes)]
    [InlineData(FieldType.Text)]
    [InlineData(FieldType.Json)]
    [InlineData(FieldType.Timestamp)]
    public void Bytes_that_are_not_text_become_base64_and_are_listed(FieldType type) =>
        Assert.Equal("{\"f\":\"/wCA\"},\"base64\":[\"f\"]", Value(type, NotUtf8));

    [Fact]
    public void A_field_that_is_base64_in_one_row_is_base64_in_both()
    {
        RowField field = new("f", FieldType.Text, isKey: true);
        RowField only = new("o", FieldType.Bytes, isKey: false);
        Assert.Equal("""
            "key":{"f":"dA=="},"before":{"f":"/wCA","o":"dA=="},"after":{"f":"dA=="},"unchanged":["o"],"base64":["f","o"]
            """, Body(Event(Row((field, "t"), (only, FieldState.Unchanged)), Row((field, NotUtf8), (only, "t")))));
    }

    [Fact]
    public void A_json_column_tells_null_from_null()
    {
        RowField json = new("j", FieldType.Json, isKey: false);
        RowField text = new("t", FieldType.Text, isKey: false);
        Assert.Equal("""
            "key":null,"before":null,"after":{"j":null,"t":null},"nulls":["j"]
            """, Body(Event(Row((json, null), (text, null)))));
        Assert.Equal("""
            "key":null,"before":null,"after":{"j":null,"t":null}
            """, Body(Event(Row((json, "null"), (text, null)))));
        Assert.Equal("""
            "key":null,"before":{"j":null},"after":null,"nulls":["j"]
            """, Body(Event(before: Row((json, null)))));
        Assert.Equal("""
            "key":null,"before":{"j":null},"after":{"j":null},"beforeNulls":["j"]
            """, Body(Event(Row((json, "null")), Row((json, null)))));
    }

    [Fact]
    public void Names_that_repeat_or_are_not_utf8_make_an_array_of_pairs()
    {
        RowField same = new("a", FieldType.Text, isKey: false);
        Assert.Equal("""
            "key":null,"before":null,"after":[["a","1"],["a",{"base64":"/wCA"}],["a",null]]
            """, Body(Event(Row((same, "1"), (same, NotUtf8), (same, null)))));
        RowField raw = new(NotUtf8, FieldType.Text, isKey: true);
        Assert.Equal("""
            "key":"k","before":null,"after":[[{"base64":"/wCA"},"1"]]
            """, Body(Event(Row((raw, "1")), key: Utf8("k"))));
    }

    [Fact]
    public void Control_characters_and_line_separators_are_escaped_everywhere()
    {
        const string Hostile = "\n\r\0\u001b\u007f\u0085\u2028\u2029\"\\";
        var headers = new Dictionary<string, string> { [Hostile] = Hostile };
        var line = Write(Event(Row(Field(Hostile, FieldType.Text, Hostile)), key: Utf8(Hostile), subject: Hostile, partition: Hostile, headers: headers));

        Assert.DoesNotContain(line, c => char.IsControl(c) || c is '\u2028' or '\u2029');
        using var parsed = JsonDocument.Parse(line);
        var root = parsed.RootElement;
        Assert.Equal(Hostile, root.GetProperty("subject").GetString());
        Assert.Equal(Hostile, root.GetProperty("after").GetProperty(Hostile).GetString());
        Assert.Equal(Hostile, root.GetProperty("headers").GetProperty(Hostile).GetString());
        Assert.Equal(Hostile, root.GetProperty("key").GetString());
        Assert.Equal(Hostile + "@00000000/00000000/00000000/00000001", root.GetProperty("position").GetString());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(120)]
    [InlineData(511)]
    [InlineData(100_000)]
    public void A_partition_may_be_of_any_length(int length)
    {
        var partition = new string('\u20ac', length);
        var change = Event(partition: partition);
        using var parsed = JsonDocument.Parse(Write(change));
        Assert.Equal(change.Position.ToString(), parsed.RootElement.GetProperty("position").GetString());
        Assert.Equal(change.Id, parsed.RootElement.GetProperty("id").GetString());
    }

    [Fact]
    public void An_event_without_origin_is_refused()
    {
        var change = new ChangeEvent { Kind = ChangeKind.Insert, Subject = "s", Position = default };
        Assert.Throws<InvalidOperationException>(() => Write(change));
    }

    [Fact]
    public void One_writer_writes_many_events_and_recovers_from_a_failure()
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using var json = new EventJsonWriter(buffer);
        Assert.Throws<InvalidOperationException>(() => json.Write(new ChangeEvent { Kind = ChangeKind.Insert, Subject = "s", Position = default }));
        json.Write(Event());
        json.Write(Event(subject: "t"));
        Assert.Equal(Write(Event()) + Write(Event(subject: "t")), System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan));
    }
}
