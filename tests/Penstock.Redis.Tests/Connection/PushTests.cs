using System.Diagnostics;
using Penstock.TestServers;

namespace Penstock.Redis.Tests;

public sealed class PushTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pushes_arrive_in_order_beside_replies()
    {
        await using var server = await RedisServer.StartAsync();
        await using var publisher = await RedisFixture.ConnectAsync(server);
        await using var subscriber = await SubscribeAsync(server, "SUBSCRIBE", "news");
        const int count = 500;
        for (var i = 0; i < count; i++)
        {
            await publisher.DoAsync("PUBLISH", "news", $"{i}");
            Assert.Equal($"{i}", (await subscriber.DoAsync("ECHO", $"{i}")).AsText());
        }

        for (var i = 0; i < count; i++)
        {
            var push = await subscriber.Pushes.ReadAsync(Stop);
            Assert.Equal(("message", "news", $"{i}"), (push[0].AsText(), push[1].AsText(), push[2].AsText()));
        }
    }

    [Fact]
    public async Task A_refused_subscription_is_a_typed_error_and_the_connection_goes_on()
    {
        await using var server = await RedisServer.StartAsync(new() { ExtraLines = ["user app on >pw ~* &allowed +@all"] });
        await using var subscriber = await RedisFixture.Servers(RedisFixture.Options(server, "app", "pw")).ConnectSubscriberAsync(Stop);
        var error = await Assert.ThrowsAsync<RedisException>(async () => await SubscribeAsync(subscriber, "SUBSCRIBE", "forbidden"));
        Assert.Equal("NOPERM", error.Code);
        await SubscribeAsync(subscriber, "SUBSCRIBE", "allowed");
        Assert.True(subscriber.Pushes.TryRead(out var confirmation));
        Assert.Equal(("subscribe", "allowed"), (confirmation[0].AsText(), confirmation[1].AsText()));
    }

    [Fact]
    public async Task A_half_open_connection_is_noticed_within_three_seconds_and_was_last_alive_before()
    {
        await using var server = await RedisServer.StartAsync();
        await using var subscriber = await SubscribeAsync(server, "SUBSCRIBE", "news");
        var frozenAt = TimeProvider.System.GetUtcNow();
        server.Freeze();
        var watch = Stopwatch.StartNew();
        var error = await Assert.ThrowsAsync<RedisConnectionException>(async () => await subscriber.Pushes.Completion.WaitAsync(TimeSpan.FromSeconds(10), Stop));
        var noticedAfter = watch.Elapsed;
        server.Thaw();
        Assert.Contains("silent", error.Message, StringComparison.Ordinal);
        Assert.InRange(noticedAfter, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3));
        Assert.InRange(subscriber.LastAliveAt, frozenAt - TimeSpan.FromSeconds(2), frozenAt + TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public async Task The_heartbeat_keeps_an_idle_connection_alive_and_its_proof_of_life_fresh()
    {
        await using var server = await RedisServer.StartAsync();
        await using var subscriber = await SubscribeAsync(server, "SUBSCRIBE", "news");
        var first = subscriber.LastAliveAt;
        await Eventually.HoldsAsync(() => subscriber.LastAliveAt > first + TimeSpan.FromSeconds(3), "three seconds of heartbeats");
        Assert.True(subscriber.IsOpen);
    }

    [Fact]
    public async Task A_killed_server_completes_the_pushes_after_what_had_arrived()
    {
        await using var server = await RedisServer.StartAsync();
        await using var publisher = await RedisFixture.ConnectAsync(server);
        await using var subscriber = await SubscribeAsync(server, "SUBSCRIBE", "news");
        await publisher.DoAsync("PUBLISH", "news", "last words");
        await subscriber.DoAsync("PING");
        server.Kill();
        var push = await subscriber.Pushes.ReadAsync(Stop);
        Assert.Equal("last words", push[2].AsText());
        await Assert.ThrowsAnyAsync<RedisConnectionException>(() => subscriber.Pushes.Completion);
    }

    [Fact]
    public async Task A_reader_that_stalls_holds_up_the_server_and_not_the_heartbeat()
    {
        await using var server = await RedisServer.StartAsync();
        await using var publisher = await RedisFixture.ConnectAsync(server);
        await using var subscriber = await SubscribeAsync(server, "SUBSCRIBE", "news");
        const int count = RedisConnection.PushCapacity * 4;
        var commands = new CommandBuffer();
        for (var i = 0; i < count; i++)
        {
            commands.AddCommand("PUBLISH", "news", $"{i}");
        }

        await publisher.ExecuteAsync(commands, new RespValue[count], Stop);
        var stalledAt = subscriber.LastAliveAt;
        await Eventually.HoldsAsync(() => TimeProvider.System.GetUtcNow() > stalledAt + TimeSpan.FromSeconds(4), "four seconds of stalling");
        Assert.True(subscriber.IsOpen);
        for (var i = 0; i < count; i++)
        {
            Assert.Equal($"{i}", (await subscriber.Pushes.ReadAsync(Stop))[2].AsText());
        }
    }

    [Fact]
    public async Task Disposing_ends_a_stalled_reader()
    {
        await using var server = await RedisServer.StartAsync();
        await using var publisher = await RedisFixture.ConnectAsync(server);
        var subscriber = await SubscribeAsync(server, "SUBSCRIBE", "news");
        for (var i = 0; i < RedisConnection.PushCapacity + 10; i++)
        {
            await publisher.DoAsync("PUBLISH", "news", "x");
        }

        await subscriber.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(5), Stop);
        Assert.False(subscriber.IsOpen);
    }

    static async Task<RedisConnection> SubscribeAsync(RedisServer server, params string[] command)
    {
        var subscriber = await RedisFixture.Servers(RedisFixture.Options(server)).ConnectSubscriberAsync(Stop);
        await SubscribeAsync(subscriber, command);
        Assert.True(subscriber.Pushes.TryRead(out _));
        return subscriber;
    }

    static async Task SubscribeAsync(RedisConnection subscriber, params string[] command)
    {
        var commands = new CommandBuffer();
        commands.AddCommand(command);
        await subscriber.SubscribeAsync(commands, Stop);
    }
}
