using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Penstock.Sources.RedisStreams;
using Penstock.TestServers;

namespace Penstock.RedisStreams.Tests;

public sealed class KeyTests
{
    const string Json = """{"id":42,"name":"Ada","esc":"a\"b","list":[{"x":1},[true,"two"]],"a/b":{"~":"odd"},"nothing":null,"big":12345678901234567890.5}""";

    [Theory]
    [InlineData("plain", "p1")]
    [InlineData("payload", Json)]
    [InlineData("payload/id", "42")]
    [InlineData("payload/name", "Ada")]
    [InlineData("payload/esc", "a\"b")]
    [InlineData("payload/list/0/x", "1")]
    [InlineData("payload/list/1/1", "two")]
    [InlineData("payload/list/1", "[true,\"two\"]")]
    [InlineData("payload/list/7", "")]
    [InlineData("payload/list/x", "")]
    [InlineData("payload/a~1b/~0", "odd")]
    [InlineData("payload/nothing", "")]
    [InlineData("payload/big", "12345678901234567890.5")]
    [InlineData("payload/absent", "")]
    [InlineData("payload/id/deeper", "")]
    [InlineData("plain/id", "")]
    [InlineData("absent", "")]
    [InlineData("absent/id", "")]
    public void The_key_is_a_field_or_a_value_in_its_json(string path, string key)
    {
        Assert.Equal(key, Encoding.UTF8.GetString(new KeyPath(path).Find(Row(("plain", "p1"), ("payload", Json))).Span));
    }

    [Fact]
    public async Task By_default_the_key_is_the_one_that_the_sink_wrote_and_other_entries_have_none()
    {
        await using var server = await RedisServer.StartAsync();
        await using (var sink = new Sinks.RedisStreams.RedisStreamsPlugin().Create(new() { Connection = Samples.Connection(server), Stream = "in" }, Samples.SinkContext))
        {
            await sink.OpenAsync(TestContext.Current.CancellationToken);
            await sink.WriteAsync([Samples.Event(1, "x"u8, key: "Ada"), Samples.Event(2, "x"u8, key: "")], TestContext.Current.CancellationToken);
        }

        using var redis = new PlainRedis(server.Port);
        redis.Send("XADD", "in", "*", "id", "1", "key", "{\"id\":7}", "event", "{}");
        redis.Send("XADD", "in", "*", "id", "1", "key", "other", "event", "{}", "more", "");
        await using var reading = new SourceReading(SourceReading.Create(server, ["in"]));
        await reading.ReceivesAsync(4);
        Assert.Equal(["Ada", "", "", ""], reading.Events.Select(change => Encoding.UTF8.GetString(change.Key.Span)));
    }

    [Fact]
    public async Task The_key_option_chooses_the_field()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        redis.Send("XADD", "in", "*", "customer", "c1", "payload", "{\"order\":{\"id\":5}}");
        await using var byField = new SourceReading(SourceReading.Create(server, ["in"], key: "customer"));
        await byField.ReceivesWatermarksAsync(1);
        await byField.StopAsync();
        await using var byPointer = new SourceReading(SourceReading.Create(server, ["in"], key: "payload/order/id"));
        await byPointer.ReceivesWatermarksAsync(1);
        Assert.Equal("c1", Encoding.UTF8.GetString(byField.Events[0].Key.Span));
        Assert.Equal("5", Encoding.UTF8.GetString(byPointer.Events[0].Key.Span));
    }

    [Fact]
    public void Rows_with_the_same_fields_share_a_schema_and_many_shapes_do_not_mix()
    {
        var mapper = new EntryMapper(key: null, NullLogger.Instance);
        var stream = new StreamState("in");
        var first = mapper.Map(stream, new StreamId(1, 1), Fields(("a", "1"), ("b", "2")));
        var other = mapper.Map(stream, new StreamId(1, 2), Fields(("ab", "1"), ("", "2")));
        var again = mapper.Map(stream, new StreamId(1, 3), Fields(("a", "3"), ("b", "4")));
        Assert.Same(first.After!.Value.Schema, again.After!.Value.Schema);
        Assert.Equal(("1", "3"), (first.After.Value.GetString("a"), again.After.Value.GetString("a")));
        for (var i = 0; i < 5000; i++)
        {
            Assert.Equal($"{i}", mapper.Map(stream, new StreamId(2, (ulong)i), Fields(($"f{i}", $"{i}"))).After!.Value.GetString($"f{i}"));
        }

        Assert.Equal("2", other.After!.Value.GetString(""));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1-")]
    [InlineData("-1")]
    [InlineData("1-2x")]
    [InlineData("x-2")]
    public void What_is_no_entry_id_is_a_protocol_error(string text)
    {
        Assert.Throws<Redis.RedisProtocolException>(() => StreamId.Parse(Encoding.ASCII.GetBytes(text)));
    }

    [Fact]
    public void The_largest_id_has_a_place_and_no_time()
    {
        var id = StreamId.Parse("18446744073709551615-18446744073709551615"u8);
        Assert.Equal((UInt128.MaxValue, null), (id.Order, id.Time));
        Assert.Equal(id, StreamId.FromOrder(id.Order));
    }

    static Row Row(params (string Name, string Value)[] fields)
    {
        var rows = new RowBuilder();
        rows.Begin(new RowSchema([.. fields.Select(field => new RowField(field.Name, FieldType.Text, isKey: false))]));
        foreach (var (_, value) in fields)
        {
            rows.Append(Encoding.UTF8.GetBytes(value));
        }

        return rows.Build();
    }

    static Redis.RespValue[] Fields(params (string Name, string Value)[] fields) =>
        [.. fields.SelectMany(field => new[] { Text(field.Name), Text(field.Value) })];

    static Redis.RespValue Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return Redis.RespValue.Slice(Redis.RespKind.String, bytes, 0, bytes.Length);
    }
}
