using Microsoft.Extensions.Logging;
using Penstock.Redis;
using Penstock.Sources.RedisKeyspace;
using Penstock.Sources.RedisPubSub;
using Penstock.TestServers;

namespace Penstock.RedisPubSub.Tests;

/// <summary>A source that sends to itself knows whether its subscription works, not only whether its connection does.</summary>
public sealed class CanaryTests
{
    const string Setting = "notify-keyspace-events";

    static readonly TimeSpan Soon = TimeSpan.FromSeconds(8);

    static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Theory]
    [Trait("Scenario", "KN02")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_subscription_that_the_server_has_forgotten_is_noticed_and_made_anew(bool isKeyspace)
    {
        await using var server = await RedisServer.StartAsync(new() { ExtraLines = [$"{Setting} KA"] });
        await using var proxy = new TcpProxy(server.Port);
        await using var redis = await Redis.ConnectAsync(server);
        await using var listener = new Listener(isKeyspace ? Keyspace(proxy.Endpoint) : PubSub(proxy.Endpoint));
        await listener.SubscribedAsync();
        var forgottenAt = Now;
        proxy.SendToServer("*1\r\n$11\r\nUNSUBSCRIBE\r\n*1\r\n$12\r\nPUNSUBSCRIBE\r\n"u8.ToArray());
        await Eventually.HoldsAsync(async () => (await redis.SubscribersAsync()).Count == 0, "nobody is subscribed");
        await TellAsync("lost");
        var lostAt = Now;
        await Eventually.HoldsAsync(() => listener.Windows.Count > 0, "the window opens", Soon);
        await listener.ClosedWindowsAsync(1);
        await TellAsync("found");
        await listener.EventsAsync(1);

        Assert.Equal("found", System.Text.Encoding.UTF8.GetString(isKeyspace ? listener.Events[0].Key.Span : listener.Events[0].After!.Value[0]));
        var window = Assert.Single(listener.Windows, window => window.ClosedAt is not null);
        Assert.Equal((LossCause.Disconnected, true), (window.Cause, window.IsCertain));
        Assert.InRange(window.OpenedAt, forgottenAt - TimeSpan.FromSeconds(5), forgottenAt);
        Assert.True(window.ClosedAt >= lostAt);
        Assert.Contains("no canary", window.Detail, StringComparison.Ordinal);

        ValueTask<RespValue> TellAsync(string what) =>
            isKeyspace ? redis.DoAsync("SET", what, "1") : redis.DoAsync("PUBLISH", "news", what);
    }

    [Fact]
    public async Task Canaries_are_for_nobody_else()
    {
        await using var server = await RedisServer.StartAsync(new() { ExtraLines = [$"{Setting} KA"] });
        await using var redis = await Redis.ConnectAsync(server);
        await using var first = new Listener(PubSub(server.Endpoint));
        await using var second = new Listener(Sources.PubSub(Redis.Options(server), patterns: ["*"]));
        await using var third = new Listener(Keyspace(server.Endpoint));
        await using var fourth = new Listener(Sources.Keyspace(Redis.Options(server), ["*"], []));
        Listener[] all = [first, second, third, fourth];
        foreach (var listener in all)
        {
            await listener.SubscribedAsync();
            var watermarks = listener.Watermarks.Count;
            await Eventually.HoldsAsync(() => listener.Watermarks.Count > watermarks + 1, "canaries have come");
        }

        await redis.DoAsync("PUBLISH", "news", "1");
        await redis.DoAsync("SET", "key", "1");
        foreach (var listener in all)
        {
            await listener.EventsAsync(1);
        }

        Assert.Equal(["news"], first.Events.Select(change => change.Subject));
        Assert.Equal(["news", "__keyspace@0__:key"], second.Events.Select(change => change.Subject).Where(name => !IsCanaryNotification(name)));
        Assert.Single(third.Events);
        Assert.Single(fourth.Events);
        Assert.All(all, listener => Assert.Equal((0, 0), (listener.Retries, listener.Windows.Count)));
    }

    [Theory]
    [InlineData(false, "+subscribe &penstock:canary:*")]
    [InlineData(true, "+psubscribe +subscribe +config|get +info")]
    [InlineData(false, "+subscribe +publish")]
    [InlineData(true, "+psubscribe +config|get +info +set ~*")]
    public async Task Without_the_right_to_send_or_hear_one_the_window_is_not_certain_and_one_warning_says_why(bool isKeyspace, string rights)
    {
        await using var server = await RedisServer.StartAsync(new()
        {
            ExtraLines = [$"{Setting} KA", $"user app on >pw resetchannels &news &__keyspace@0__:* -@all +ping {rights}"],
        });
        await using var redis = await Redis.ConnectAsync(server);
        var log = new LogLines();
        await using var listener = new Listener(isKeyspace ? Keyspace(server.Endpoint, "app", log) : PubSub(server.Endpoint, "app", log));
        await listener.SubscribedAsync();
        var watermarks = listener.Watermarks.Count;
        await Eventually.HoldsAsync(() => listener.Watermarks.Count > watermarks + 1, "PING proves the connection");
        foreach (var subscriber in await redis.SubscribersAsync())
        {
            await redis.DoAsync("CLIENT", "KILL", "ID", subscriber);
        }

        await listener.ClosedWindowsAsync(1);
        Assert.All(listener.Windows, window => Assert.False(window.IsCertain));
        var warning = Assert.Single(log.Lines, line => line.Level == LogLevel.Warning);
        Assert.Contains("takes no canary", warning.Text, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Scenario", "PS01")]
    public async Task A_window_that_a_canary_closes_is_certain_and_holds_what_is_missing()
    {
        const int kills = 5;
        await using var server = await RedisServer.StartAsync();
        await using var admin = await Redis.ConnectAsync(server);
        await using var listener = new Listener(PubSub(server.Endpoint, channel: "numbers"));
        await listener.SubscribedAsync();
        await using var publisher = await Publisher.StartAsync(server, "numbers");
        for (var kill = 1; kill <= kills; kill++)
        {
            var watermarks = listener.Watermarks.Count;
            await Eventually.HoldsAsync(() => listener.Watermarks.Count > watermarks, "a canary has come");
            await admin.DoAsync("CLIENT", "KILL", "ID", Assert.Single(await admin.SubscribersAsync()));
            await listener.ClosedWindowsAsync(kill);
        }

        var published = await publisher.StopAsync();
        await Eventually.HoldsAsync(() => Publisher.LastOf(listener) == published[^1].Number, "the last number");
        var arrived = Publisher.Numbers(listener.Events);
        Assert.NotEmpty(LossJudge.Missing(published, arrived));
        Assert.Empty(LossJudge.Unexplained(published, arrived, listener.Windows));
        Assert.Empty(LossJudge.Repeated(arrived));
        Assert.All(listener.Windows.Where(window => window.ClosedAt is not null), window => Assert.True(window.IsCertain));
    }

    [Fact]
    public async Task While_none_can_be_sent_PING_proves_the_connection()
    {
        await using var server = await RedisServer.StartAsync(new() { ExtraLines = [$"{Setting} KA"] });
        await using var redis = await Redis.ConnectAsync(server);
        await using var listener = new Listener(Keyspace(server.Endpoint));
        await listener.SubscribedAsync();
        await redis.DoAsync("CONFIG", "SET", "maxmemory", "1");
        var watermarks = listener.WatermarkCount;
        await Eventually.HoldsAsync(() => listener.WatermarkCount > watermarks + 3, "the proof of life goes on");
        await redis.DoAsync("CONFIG", "SET", "maxmemory", "0");
        await redis.DoAsync("SET", "key", "1");
        await listener.EventsAsync(1);
        Assert.Equal((0, 0), (listener.Retries, listener.Windows.Count));
    }

    [Fact]
    public async Task At_a_replica_no_canary_can_be_sent_and_notifications_come_without_it()
    {
        await using var primary = await RedisServer.StartAsync();
        await using var replica = await RedisServer.StartAsync(
            new() { ExtraLines = [$"{Setting} KA", $"replicaof 127.0.0.1 {primary.Port}", "repl-diskless-sync-delay 0"] });
        await using var redis = await Redis.ConnectAsync(primary);
        var log = new LogLines();
        await using var listener = new Listener(Keyspace(replica.Endpoint, log: log));
        await listener.SubscribedAsync();
        await Eventually.HoldsAsync(
            async () =>
            {
                await redis.DoAsync("SET", "key", "1");
                return listener.EventCount > 0;
            },
            "a notification comes");
        Assert.Contains("READONLY", Assert.Single(log.Lines, line => line.Text.Contains("takes no canary", StringComparison.Ordinal)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_canary_of_notifications_needs_the_flag_of_set()
    {
        await using var server = await RedisServer.StartAsync(new() { ExtraLines = [$"{Setting} Kx"] });
        await using var listener = new Listener(Keyspace(server.Endpoint, events: ["expired"]));
        await listener.EndedAsync();
        Assert.Contains("without \"$\"", listener.Failure!.Message, StringComparison.Ordinal);
    }

    // The notification of somebody's canary is a message like others to who subscribes to notifications by hand.
    static bool IsCanaryNotification(string channel) => channel.Contains("penstock:canary:", StringComparison.Ordinal);

    static IChangeSource PubSub(string endpoint, string? user = null, LogLines? log = null, string channel = "news") =>
        Sources.PubSub(new RedisPubSubOptions { Connection = Connection(endpoint, user), Channels = [channel], Canary = true }, log);

    static IChangeSource Keyspace(string endpoint, string? user = null, LogLines? log = null, string[]? events = null) =>
        Sources.Keyspace(new RedisKeyspaceOptions { Connection = Connection(endpoint, user), Canary = true, Events = events ?? [] }, log);

    static RedisConnectionOptions Connection(string endpoint, string? user) => new()
    {
        Endpoints = [endpoint],
        User = user,
        Password = new Secret(user is null ? "" : "pw"),
        ConnectTimeout = TimeSpan.FromMilliseconds(500),
    };
}
