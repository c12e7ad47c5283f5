using System.Diagnostics;
using Penstock.TestServers;

namespace Penstock.RedisPubSub.Tests;

public sealed class DisconnectTests
{
    static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Fact]
    [Trait("Scenario", "PS01")]
    public async Task Whatever_a_hundred_killed_connections_lose_at_10_000_messages_a_second_lies_inside_short_windows()
    {
        const int kills = 100;
        const int everyTwentieth = 20;
        const int perSecond = 10_000;
        await using var server = await RedisServer.StartAsync();
        await using var admin = await Redis.ConnectAsync(server);
        await using var listener = new Listener(Sources.PubSub(Redis.Options(server), ["numbers"]));
        await listener.SubscribedAsync();
        await using var publisher = await Publisher.StartAsync(server, "numbers");
        var clock = Stopwatch.StartNew();
        for (var kill = 1; kill <= kills; kill++)
        {
            // Some connections live long enough to be proven: what comes before the proof lies outside the windows.
            var watermarks = listener.WatermarkCount + (kill % everyTwentieth == 0 ? 2 : 0);
            var events = listener.EventCount;
            await Eventually.HoldsAsync(
                () => listener.EventCount > events && listener.WatermarkCount >= watermarks, "the connection is in use");
            var subscriber = Assert.Single(await admin.SubscribersAsync());
            Assert.Equal(1, (await admin.DoAsync("CLIENT", "KILL", "ID", subscriber)).AsInt64());
            await listener.ClosedWindowsAsync(kill);
        }

        var elapsed = clock.Elapsed;
        var published = await publisher.StopAsync();
        await Eventually.HoldsAsync(() => Publisher.LastOf(listener) == published[^1].Number, "the last number");

        var arrived = Publisher.Numbers(listener.Events);
        var windows = listener.Windows;
        var closed = windows.Where(window => window.ClosedAt is not null).ToList();
        Assert.True(published.Count / elapsed.TotalSeconds > perSecond, $"Only {published.Count / elapsed.TotalSeconds:F0} messages a second.");
        Assert.Equal((2 * kills, kills), (windows.Count, closed.Count));
        Assert.All(windows, window => Assert.Equal(
            (LossCause.Disconnected, server.Endpoint, "", false), (window.Cause, window.Node, window.Subject, window.IsCertain)));
        Assert.All(closed, window => Assert.InRange(window.ClosedAt!.Value - window.OpenedAt, TimeSpan.Zero, TimeSpan.FromSeconds(3)));
        Assert.NotEmpty(LossJudge.Missing(published, arrived));
        Assert.Empty(LossJudge.Unexplained(published, arrived, windows));
        Assert.Empty(LossJudge.Repeated(arrived));
        Assert.Equal(arrived.Order(), arrived);

        // The judge sees what is missing without a window, a number that is missing outside of all, and a number that came twice.
        var outside = published.Last(one => !LossJudge.IsInside(one, windows));
        Assert.Equal([outside], LossJudge.Unexplained(published, arrived.Where(number => number != outside.Number), windows));
        Assert.Equal(LossJudge.Missing(published, arrived), LossJudge.Unexplained(published, arrived, []));
        Assert.Equal([outside.Number], LossJudge.Repeated(arrived.Append(outside.Number)));
    }

    [Fact]
    [Trait("Scenario", "PS04")]
    public async Task A_restarted_server_leaves_one_window_however_many_attempts_fail_meanwhile()
    {
        await using var server = await RedisServer.StartAsync();
        await using var listener = new Listener(Sources.PubSub(Redis.Options(server), ["news"]));
        await listener.SubscribedAsync();
        var killedAt = Now;
        server.Kill();
        await Eventually.HoldsAsync(() => listener.Retries >= 5, "attempts to connect");
        var restartedAt = Now;
        var open = Assert.Single(listener.Windows);
        Assert.Null(open.ClosedAt);
        await server.RestartAsync();
        await listener.ClosedWindowsAsync(1);
        await using var publisher = await Redis.ConnectAsync(server);
        await publisher.DoAsync("PUBLISH", "news", "back");
        await listener.EventsAsync(1);

        Assert.Equal(2, listener.Windows.Count);
        var closed = listener.Windows[1];
        Assert.Equal((open.Cause, open.Node, open.Subject, open.OpenedAt), (closed.Cause, closed.Node, closed.Subject, closed.OpenedAt));
        Assert.Equal((LossCause.Disconnected, server.Endpoint, ""), (open.Cause, open.Node, open.Subject));
        Assert.True(open.OpenedAt <= killedAt);
        Assert.True(closed.ClosedAt >= restartedAt);
    }

    [Fact]
    [Trait("Scenario", "PS02")]
    public async Task A_connection_that_a_dead_network_left_open_is_noticed_within_three_seconds_and_the_window_opens_before()
    {
        await using var server = await RedisServer.StartAsync();
        await using var proxy = new TcpProxy(server.Port);
        await using var admin = await Redis.ConnectAsync(server);
        await using var listener = new Listener(Sources.PubSub(
            new() { Endpoints = [proxy.Endpoint], ConnectTimeout = TimeSpan.FromMilliseconds(500) }, ["news"]));
        await listener.SubscribedAsync();
        var deadAt = Now;
        Assert.Equal(1, proxy.Blackhole());
        Assert.Equal(1, (await admin.DoAsync("PUBLISH", "news", "lost")).AsInt64());
        var lostAt = Now;
        await Eventually.HoldsAsync(() => listener.Windows.Count > 0, "the window");
        var noticedAfter = Now - deadAt;
        await Eventually.HoldsAsync(() => listener.Retries >= 2, "an attempt to connect that fails");
        Assert.Single(listener.Windows);
        proxy.Heal();
        await listener.ClosedWindowsAsync(1);

        Assert.InRange(noticedAfter, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3));
        Assert.InRange(listener.Windows[0].OpenedAt, deadAt - TimeSpan.FromSeconds(2), deadAt);
        Assert.True(listener.Windows[1].ClosedAt >= lostAt);
        Assert.Equal(listener.Windows[0].OpenedAt, listener.Windows[1].OpenedAt);
    }

    [Fact]
    [Trait("Scenario", "PS11")]
    public async Task All_of_a_thousand_channels_are_live_after_connections_that_broke_while_they_were_subscribed()
    {
        const int names = 1000;
        await using var server = await RedisServer.StartAsync();
        await using var proxy = new TcpProxy(server.Port);
        await using var admin = await Redis.ConnectAsync(server);
        string[] channels = [.. Enumerable.Range(0, names).Select(i => $"channel:{i}")];
        await using var listener = new Listener(Sources.PubSub(
            new() { Endpoints = [proxy.Endpoint], ConnectTimeout = TimeSpan.FromSeconds(1) }, channels));
        await listener.SubscribedAsync();
        proxy.CutAll();
        for (var quick = 1; quick <= 2; quick++)
        {
            // In the middle of the names and their confirmations, of which there are some 60 KB together.
            var retries = listener.Retries;
            proxy.CutAfter(30_000);
            await Eventually.HoldsAsync(() => listener.Retries > retries, "it breaks again");
        }

        await listener.ClosedWindowsAsync(1);
        var counts = await admin.DoAsync(["PUBSUB", "NUMSUB", .. channels]);
        Assert.Equal(names, counts.Count / 2);
        for (var i = 0; i < counts.Count; i += 2)
        {
            Assert.Equal(1, counts[i + 1].AsInt64());
        }

        foreach (var channel in channels)
        {
            await admin.DoAsync("PUBLISH", channel, "1");
        }

        await listener.EventsAsync(names);
        Assert.Equal(channels, listener.Events.TakeLast(names).Select(change => change.Subject));
        Assert.All(listener.Windows, window => Assert.Equal(listener.Windows[0].OpenedAt, window.OpenedAt));
    }
}
