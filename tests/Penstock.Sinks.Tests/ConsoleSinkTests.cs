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

    static async Task<string> WriteAsync(ConsoleFormat format, params ChangeEvent[] batch)
    {
        await using var output = new MemoryStream();
        await using var sink = new ConsoleSink(format, output);
        await sink.OpenAsync(Token);
        await sink.WriteAsync(batch, Token);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
