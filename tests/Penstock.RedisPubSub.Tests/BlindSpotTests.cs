using System.Text;
using Penstock.Redis;
using Penstock.TestServers;

namespace Penstock.RedisPubSub.Tests;

/// <summary>What Redis tells late, under another name, or not at all.</summary>
public sealed class BlindSpotTests
{
    static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Theory]
    [Trait("Scenario", "KN05")]
    [InlineData("FLUSHALL")]
    [InlineData("FLUSHDB", "ASYNC")]
    [InlineData("SWAPDB", "0", "1")]
    [InlineData("EVAL", "return redis.call('FLUSHALL')", "0")]
    public async Task What_empties_a_database_without_a_word_is_a_loss_window(params string[] command)
    {
        await using var server = await StartAsync();
        await using var redis = await Redis.ConnectAsync(server);

        // One that came before we listened is none of ours.
        await redis.DoAsync("FLUSHALL");
        await using var listener = new Listener(Sources.Keyspace(Redis.Options(server), ["*"], []));
        await listener.SubscribedAsync();
        await redis.DoAsync("SET", "victim", "1");
        await listener.EventsAsync(1);
        var watermarks = listener.Watermarks.Count;
        await Eventually.HoldsAsync(() => listener.Watermarks.Count > watermarks + 2, "the server was asked");
        Assert.Empty(listener.Windows);

        var before = Now;
        await redis.DoAsync(command);
        var after = Now;
        await listener.ClosedWindowsAsync(1);
        await redis.DoAsync("SET", "next", "1");
        await listener.EventsAsync(2);

        Assert.Equal(["set victim", "set next"], Texts(listener));
        var window = Assert.Single(listener.Windows);
        Assert.Equal((LossCause.Deleted, true, server.Endpoint, null), (window.Cause, window.IsCertain, window.Node, window.Missed));
        Assert.InRange(window.OpenedAt, before - TimeSpan.FromSeconds(5), before);
        Assert.InRange(window.ClosedAt!.Value, after, Now);
        Assert.Contains("in bulk", window.Detail, StringComparison.Ordinal);
        Assert.Equal(0, listener.Retries);
    }

    [Fact]
    [Trait("Scenario", "KN04")]
    public async Task Expired_comes_when_the_server_deletes_the_key_and_not_when_its_time_runs_out()
    {
        await using var server = await StartAsync();
        await using var redis = await Redis.ConnectAsync(server);
        await redis.DoAsync("DEBUG", "SET-ACTIVE-EXPIRE", "0");
        await using var listener = new Listener(Sources.Keyspace(Redis.Options(server), ["*"], ["expired"]));
        await listener.SubscribedAsync();
        await redis.DoAsync("SET", "brief", "1", "PX", "1");
        var watermarks = listener.Watermarks.Count;
        await Eventually.HoldsAsync(() => listener.Watermarks.Count > watermarks + 1, "its time has run out long ago");
        Assert.Empty(listener.Events);

        await redis.DoAsync("GET", "brief");
        await listener.EventsAsync(1);
        Assert.Equal(["expired brief"], Texts(listener));
        Assert.Null(listener.Events[0].OccurredAt);
        Assert.Empty(listener.Windows);
    }

    [Fact]
    [Trait("Scenario", "KN08")]
    public async Task Renamed_moved_copied_and_evicted_keys_are_told_by_their_bytes()
    {
        byte[] odd = [(byte)'a', (byte)'\n', (byte)' ', 0, 0xff];
        await using var server = await StartAsync();
        await using var redis = await Redis.ConnectAsync(server);
        await using var other = new Listener(Sources.Keyspace(Redis.Options(server, database: 3), ["*"], []));
        await using var listener = new Listener(Sources.Keyspace(Redis.Options(server), ["*"], []));
        await other.SubscribedAsync();
        await listener.SubscribedAsync();
        await redis.SetAsync(odd, [1]);
        await DoAsync(redis, "RENAME"u8, odd, "b"u8);
        await redis.DoAsync("COPY", "b", "c");
        await redis.DoAsync("MOVE", "c", "3");
        await listener.EventsAsync(5);
        await other.EventsAsync(1);

        Assert.Equal(["set", "rename_from", "rename_to", "copy_to", "move_from"], listener.Events.Select(Name));
        Assert.Equal([odd, odd, [(byte)'b'], [(byte)'c'], [(byte)'c']], listener.Events.Select(change => change.Key.ToArray()));
        Assert.Equal([("move_to", "keyspace:3")], other.Events.Select(change => (Name(change), change.Subject)));

        await redis.DoAsync("CONFIG", "SET", "maxmemory-policy", "allkeys-random");
        await redis.DoAsync("CONFIG", "SET", "maxmemory", "1");
        await listener.EventsAsync(6);
        Assert.Equal("evicted b", Texts(listener).Last());
    }

    static Task<RedisServer> StartAsync() => RedisServer.StartAsync(new() { ExtraLines = ["notify-keyspace-events KA"] });

    static ValueTask<RespValue> DoAsync(RedisConnection redis, ReadOnlySpan<byte> name, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var command = new CommandBuffer();
        command.Begin(3);
        command.Add(name);
        command.Add(first);
        command.Add(second);
        return redis.ExecuteAsync(command, TimeSpan.Zero, TestContext.Current.CancellationToken);
    }

    static string Name(ChangeEvent change) => change.After!.Value.GetString("event")!;

    static IEnumerable<string> Texts(Listener listener) =>
        listener.Events.Select(change => $"{Name(change)} {Encoding.UTF8.GetString(change.Key.Span)}");
}
