using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using Penstock.TestServers;
using SinkPlugin = Penstock.Sinks.RedisStreams.RedisStreamsPlugin;

namespace Penstock.RedisStreams.Tests;

/// <summary>What Penstock wrote comes back as what it was.</summary>
public sealed partial class WrittenEventTests
{
    static readonly EventOrigin Before = new("orders", "db", DeliveryGuarantee.AtLeastOnce);

    static readonly RowSchema Schema = new(
        new RowField("id", FieldType.Integer, isKey: true),
        new RowField("note", FieldType.Text, isKey: false),
        new RowField("blob", FieldType.Bytes, isKey: false),
        new RowField("doc", FieldType.Json, isKey: false));

    [Fact]
    public async Task An_entry_that_the_sink_wrote_becomes_the_event_that_it_was()
    {
        await using var server = await RedisServer.StartAsync();
        var written = Events();
        await using (var sink = new SinkPlugin().Create(new() { Connection = Samples.Connection(server), Stream = "in" }, Samples.SinkContext))
        {
            await sink.OpenAsync(TestContext.Current.CancellationToken);
            await sink.WriteAsync(written, TestContext.Current.CancellationToken);
        }

        await using var reading = new SourceReading(SourceReading.Create(server, ["in"]));
        await reading.ReceivesAsync(written.Length);

        var origin = new EventOrigin("orders", "stream", DeliveryGuarantee.AtLeastOnce);
        for (var i = 0; i < written.Length; i++)
        {
            var read = reading.Events[i];
            Assert.Equal("in", read.Position.Partition);
            read.Stamp(origin, i + 1);
            Assert.NotEqual(Json(written[i]), Json(read));
            Assert.Equal(WithoutOrigin(Json(written[i])), WithoutOrigin(Json(read)));
        }
    }

    [Fact]
    public async Task What_only_looks_like_one_is_a_row_of_its_fields()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        redis.Send("XADD", "in", "*", "id", "1", "key", "k", "event", "clicked");
        redis.Send("XADD", "in", "*", "id", "1", "key", "k", "event", "{}");
        redis.Send("XADD", "in", "*", "id", "1", "event", "{}");
        var log = new LogLines();
        await using var reading = new SourceReading(SourceReading.Create(server, ["in"], log: log));
        await reading.ReceivesAsync(3);
        Assert.Equal(["clicked", "{}", "{}"], reading.Events.Select(change => change.After!.Value.GetString("event")));
        Assert.All(reading.Events, change => Assert.Equal((ChangeKind.Message, "in"), (change.Kind, change.Subject)));
        Assert.Single(log.Lines);
    }

    static ChangeEvent[] Events()
    {
        var rows = new RowBuilder();
        ChangeEvent[] events =
        [
            new ChangeEvent
            {
                Kind = ChangeKind.Update,
                Subject = "public.orders",
                Position = new SourcePosition("", SourcePosition.Compose(7, 1)),
                Key = "42"u8.ToArray(),
                Before = Row(rows, "42", "old \u2028 \"quoted\""),
                After = Row(rows, "42", "new"),
                OccurredAt = new DateTimeOffset(2026, 11, 20, 21, 14, 0, TimeSpan.Zero).AddTicks(1234560),
                Transaction = new TransactionMark("789", 3, isLast: true),
                Headers = new Dictionary<string, string> { ["a"] = "b" },
            },
            new ChangeEvent
            {
                Kind = ChangeKind.Delete,
                Subject = "public.orders",
                Position = new SourcePosition("", SourcePosition.Compose(7, 2)),
                Key = "42"u8.ToArray(),
                Before = Row(rows, "42", null),
            },
            new ChangeEvent { Kind = ChangeKind.Truncate, Subject = "public.orders", Position = new SourcePosition("", SourcePosition.Compose(7, 3)) },
        ];
        for (var i = 0; i < events.Length; i++)
        {
            events[i].Stamp(Before, i + 1);
        }

        return events;
    }

    static Row Row(RowBuilder rows, string id, string? note)
    {
        rows.Begin(Schema);
        rows.Append(Encoding.UTF8.GetBytes(id));
        if (note is null)
        {
            rows.Append(FieldState.Null);
        }
        else
        {
            rows.Append(Encoding.UTF8.GetBytes(note));
        }

        rows.Append([0, 255]);
        rows.Append("""{"a":[1,null]}"""u8);
        return rows.Build();
    }

    static string Json(ChangeEvent change)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using var json = new EventJsonWriter(bytes);
        json.Write(change);
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    static string WithoutOrigin(string json) => Origin().Replace(json, "");

    [GeneratedRegex("\"(id\":\"orders/[^\"]*|source\":\"[^\"]*|delivery\":\"[^\"]*|position\":\"[^\"]*)\",")]
    private static partial Regex Origin();
}
