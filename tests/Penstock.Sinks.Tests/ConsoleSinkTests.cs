using System.Text;
using Penstock.Sinks.Console;
using static Penstock.Sinks.Tests.SampleEvents;

namespace Penstock.Sinks.Tests;

public sealed class ConsoleSinkTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_line_names_kind_subject_key_and_row()
    {
        var text = await WriteAsync(ConsoleFormat.Line, Event(7), Event(8, "s2"));
        Assert.Equal(
            """
            insert   "public.orders"  key {"id":7}  row {"id":7,"note":"x"}
            insert   "s2"  key {"id":8}  row {"id":8,"note":"x"}

            """,
            text);
    }

    [Fact]
    public async Task Json_is_the_native_format()
    {
        ChangeEvent[] batch = [Event(7), Event(8)];
        Assert.Equal(Lines(batch), await WriteAsync(ConsoleFormat.Json, batch));
    }

    [Theory]
    [InlineData(ConsoleFormat.Line)]
    [InlineData(ConsoleFormat.Json)]
    public async Task No_data_reaches_the_terminal_as_a_control_character(ConsoleFormat format)
    {
        var hostile = "\u001b[2J\u0007\r\n\u009b31m\u007f";
        var text = await WriteAsync(format, Event(1, hostile, hostile, hostile));
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain(text[..^1], char.IsControl);
        Assert.Contains("\\u001B[2J", text);
    }

    [Fact]
    public async Task A_loss_window_is_shown()
    {
        await using var output = new MemoryStream();
        await using var sink = new ConsoleSink(ConsoleFormat.Line, output);
        await sink.OpenAsync(Token);
        var opened = new DateTimeOffset(2026, 11, 20, 21, 14, 0, TimeSpan.Zero);
        await sink.OnLossAsync(new LossWindow { Cause = LossCause.Disconnected, OpenedAt = opened, Node = "n:1", Subject = "ch" }, Token);
        Assert.Equal(
            "-- loss window: Disconnected n:1 ch from 2026-11-20T21:14:00.0000000Z to still open\n",
            Encoding.UTF8.GetString(output.ToArray()));
    }

    [Theory]
    [InlineData(ConsoleFormat.Line, "-- schema change: ")]
    [InlineData(ConsoleFormat.Json, "")]
    public async Task A_schema_change_is_shown(ConsoleFormat format, string prefix)
    {
        await using var output = new MemoryStream();
        await using var sink = new ConsoleSink(format, output);
        await sink.OpenAsync(Token);
        var id = new RowField("id", FieldType.Integer, isKey: true);
        var change = new SchemaChange
        {
            Subject = "public.orders",
            Before = new RowSchema(id),
            After = new RowSchema(id, new RowField("a\u001b\u007f", FieldType.TimestampTz, isKey: false)),
            Position = SourcePosition.Parse("00000000/01A2B3C0/00000003"),
            OccurredAt = new DateTimeOffset(2026, 11, 20, 21, 14, 0, TimeSpan.Zero),
            Detail = "added a",
        };
        await sink.OnSchemaChangeAsync(change, Token);
        await sink.OnSchemaChangeAsync(new SchemaChange { Subject = "s", After = new RowSchema(), Position = change.Position }, Token);
        Assert.Equal(
            prefix + """
            {"v":1,"kind":"schema","subject":"public.orders","before":[{"name":"id","type":"integer","key":true}],"after":[{"name":"id","type":"integer","key":true},{"name":"a\u001B\u007F","type":"timestampTz","key":false}],"position":"00000000/01A2B3C0/00000003","occurredAt":"2026-11-20T21:14:00.000000Z","detail":"added a"}

            """ + prefix + """
            {"v":1,"kind":"schema","subject":"s","before":null,"after":[],"position":"00000000/01A2B3C0/00000003","occurredAt":null}

            """,
            Encoding.UTF8.GetString(output.ToArray()));
    }

    static async Task<string> WriteAsync(ConsoleFormat format, params ChangeEvent[] batch)
    {
        await using var output = new MemoryStream();
        await using var sink = new ConsoleSink(format, output);
        await sink.OpenAsync(Token);
        await sink.WriteAsync(batch, Token);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
