using System.Text;
using Microsoft.Extensions.Logging;
using Penstock.Redis;
using Penstock.Sources.RedisKeyspace;
using Penstock.TestServers;

namespace Penstock.RedisPubSub.Tests;

/// <summary>What a key held when it was looked at, a moment after the event.</summary>
public sealed class EnrichTests
{
    static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task Values_of_every_type_come_with_the_events()
    {
        await using var server = await StartAsync();
        await using var redis = await Redis.ConnectAsync(server);
        await using var listener = new Listener(Sources.Keyspace(Options(server)));
        await listener.SubscribedAsync();
        var before = Now;
        await redis.DoAsync("SET", "string", "größe");
        await redis.DoAsync("RPUSH", "list", "a", "b");
        await redis.DoAsync("SADD", "set", "m");
        await redis.DoAsync("ZADD", "zset", "1.5", "one", "-inf", "least", "2", "two");
        await redis.DoAsync("HSET", "hash", "f", "v", "g", "w");
        await redis.DoAsync("XADD", "stream", "1-1", "f", "old");
        await redis.DoAsync("XADD", "stream", "1-2", "f", "new", "f", "again");
        await redis.SetAsync("bytes"u8.ToArray(), [0xff, 0]);
        await redis.DoAsync("HSET", "odd", "f", "v");
        await redis.DoAsync("PFADD", "counted", "x");

        await listener.EventsAsync(10);
        var rows = listener.Events.GroupBy(change => Text(change, "key")).ToDictionary(group => group.Key!, group => group.Last());
        Assert.Equal(("string", "größe"), Value(rows["string"]));
        Assert.Equal(("list", """["a","b"]"""), Value(rows["list"]));
        Assert.Equal(("set", """["m"]"""), Value(rows["set"]));
        Assert.Equal(("zset", """[["least","-inf"],["one",1.5],["two",2]]"""), Value(rows["zset"]));
        Assert.Equal(("hash", """{"f":"v","g":"w"}"""), Value(rows["hash"]));
        Assert.Equal(("stream", """[["1-2",["f","new","f","again"]],["1-1",["f","old"]]]"""), Value(rows["stream"]));
        Assert.Equal([0xff, 0], rows["bytes"].After!.Value[3].ToArray());
        Assert.Equal("string", Text(rows["counted"], "type"));
        Assert.All(listener.Events, change =>
        {
            Assert.Null(change.Before);
            Assert.Null(Text(change, "valueMissing"));
            Assert.InRange(DateTimeOffset.Parse(Text(change, "valueObservedAt")!), before.AddMilliseconds(-1), Now);
        });
    }

    [Fact]
    public async Task Bytes_that_are_not_text_are_base64_in_what_is_json()
    {
        await using var server = await StartAsync();
        await using var redis = await Redis.ConnectAsync(server);
        await using var listener = new Listener(Sources.Keyspace(Options(server)));
        await listener.SubscribedAsync();
        var command = new CommandBuffer();
        command.Begin(4);
        command.Add("HSET"u8);
        command.Add("odd"u8);
        command.Add([0xff]);
        command.Add([0, 0xfe]);
        await redis.ExecuteAsync(command, TimeSpan.Zero, TestContext.Current.CancellationToken);

        await listener.EventsAsync(1);
        Assert.Equal(("hash", """[[{"base64":"/w=="},{"base64":"AP4="}]]"""), Value(listener.Events[0]));
    }

    [Fact]
    [Trait("Scenario", "KN06")]
    public async Task A_value_is_the_one_seen_later_and_absent_when_it_is_gone_or_too_large()
    {
        await using var server = await StartAsync();
        await using var redis = await Redis.ConnectAsync(server);
        await using var listener = new Listener(Sources.Keyspace(Options(server, limit: "4KiB")));
        await listener.SubscribedAsync();

        // In one transaction, so that nobody can look in between.
        await redis.DoAsync("MULTI");
        for (var version = 1; version <= 100; version++)
        {
            await redis.DoAsync("SET", "counter", $"{version}");
        }

        await redis.DoAsync("SET", "brief", "1");
        await redis.DoAsync("DEL", "brief");
        await redis.DoAsync("SET", "large", new string('x', 5000));
        await redis.DoAsync("EXEC");

        await listener.EventsAsync(103);
        Assert.All(listener.Events.Take(100), change => Assert.Equal(("string", "100"), Value(change)));
        Assert.All(listener.Events.Skip(100).Take(2), change =>
        {
            Assert.Equal((null, null), Value(change));
            Assert.Equal("gone", Text(change, "valueMissing"));
            Assert.NotNull(Text(change, "valueObservedAt"));
        });
        Assert.Equal(("string", null), Value(listener.Events[102]));
        Assert.Equal("tooLarge", Text(listener.Events[102], "valueMissing"));
    }

    [Fact]
    public async Task Without_the_right_to_read_values_events_come_without_them_and_one_warning_says_why()
    {
        await using var server = await RedisServer.StartAsync(new()
        {
            ExtraLines = ["notify-keyspace-events KA", "user app on >pw ~secret:* resetchannels &__keyspace@0__:* -@all +ping +psubscribe +config|get +info"],
        });
        await using var redis = await Redis.ConnectAsync(server);
        var log = new LogLines();
        await using var listener = new Listener(Sources.Keyspace(Options(server, user: "app"), log));
        await listener.SubscribedAsync();
        await redis.DoAsync("SET", "a", "1");
        await listener.EventsAsync(1);
        await redis.DoAsync("SET", "a", "2");
        await listener.EventsAsync(2);

        Assert.All(listener.Events, change => Assert.Equal(("failed", null), (Text(change, "valueMissing"), Text(change, "value"))));
        var warning = Assert.Single(log.Lines, line => line.Level == LogLevel.Warning);
        Assert.Contains("Cannot read values", warning.Text, StringComparison.Ordinal);
        Assert.Equal(0, listener.Retries);
    }

    [Fact]
    public async Task A_key_that_is_refused_does_not_concern_the_others()
    {
        await using var server = await RedisServer.StartAsync(new()
        {
            ExtraLines =
            [
                "notify-keyspace-events KA",
                "user app on >pw ~open:* resetchannels &__keyspace@0__:* -@all +ping +psubscribe +config|get +info +type +memory|usage +get",
            ],
        });
        await using var redis = await Redis.ConnectAsync(server);
        var log = new LogLines();
        await using var listener = new Listener(Sources.Keyspace(Options(server, user: "app"), log));
        await listener.SubscribedAsync();
        for (var i = 0; i < 10; i++)
        {
            await redis.DoAsync("MSET", $"secret:{i}", "1", $"open:{i}", "2");
        }

        await listener.EventsAsync(20);
        Assert.All(listener.Events, change => Assert.Equal(
            Encoding.UTF8.GetString(change.Key.Span).StartsWith("open:", StringComparison.Ordinal) ? "2" : null, Text(change, "value")));
        Assert.Contains("NOPERM", Assert.Single(log.Lines, line => line.Level == LogLevel.Warning).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_values_are_not_answered_for_notifications_are_still_taken()
    {
        await using var server = await StartAsync();
        await using var proxy = new TcpProxy(server.Port);
        await using var redis = await Redis.ConnectAsync(server);
        await using var listener = new Listener(Sources.Keyspace(Options(server, endpoint: proxy.Endpoint)));
        await listener.SubscribedAsync();
        await redis.DoAsync("SET", "first", "1");
        await listener.EventsAsync(1);

        // The connection that reads values is the younger of the two.
        proxy.SwallowLast();
        const int count = 20_000;
        for (var i = 0; i < count; i += 100)
        {
            var sets = new CommandBuffer();
            for (var j = 0; j < 100; j++)
            {
                sets.AddCommand("SET", $"key:{i + j}", "v");
            }

            await redis.ExecuteAsync(sets, new RespValue[100], TestContext.Current.CancellationToken);
        }

        await listener.EventsAsync(count + 1);
        Assert.Empty(listener.Windows);
        Assert.Equal("failed", Text(listener.Events[1], "valueMissing"));
        await redis.DoAsync("SET", "last", "2");
        await Eventually.HoldsAsync(
            async () =>
            {
                await redis.DoAsync("SET", "last", "2");
                return Value(listener.Events[^1]) == ("string", "2");
            },
            "values come again");
    }

    static Task<RedisServer> StartAsync() => RedisServer.StartAsync(new() { ExtraLines = ["notify-keyspace-events KA"] });

    static RedisKeyspaceOptions Options(RedisServer server, string? user = null, string limit = "64KiB", string? endpoint = null) => new()
    {
        Connection = new()
        {
            Endpoints = [endpoint ?? server.Endpoint],
            User = user,
            Password = new Secret(user is null ? "" : "pw"),
            CommandTimeout = TimeSpan.FromSeconds(1),
        },
        Enrich = true,
        EnrichLimit = ByteSize.TryParse(limit, out var size) ? size : default,
    };

    static (string? Type, string? Value) Value(ChangeEvent change) => (Text(change, "type"), Text(change, "value"));

    static string? Text(ChangeEvent change, string field) => change.After!.Value.GetString(field);
}
