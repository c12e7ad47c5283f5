using System.Diagnostics;
using Penstock.TestServers;

namespace Penstock.RedisPubSub.Tests;

public sealed class DisconnectTests
{
    static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task Whatever_twenty_killed_connections_lose_lies_inside_reported_windows()
    {
        const int kills = 20;
        const int everyFourth = 4;
        await using var server = await RedisServer.StartAsync();
        await using var admin = await Redis.ConnectAsync(server);
        await using var listener = new Listener(Sources.PubSub(Redis.Options(server), ["numbers"]));
        await listener.SubscribedAsync();
        await using var publisher = await Publisher.StartAsync(server, "numbers");
        for (var kill = 1; kill <= kills; kill++)
        {
            // Some connections live long enough to be proven: what comes before the proof lies outside the windows.
            var watermarks = listener.Watermarks.Count + (kill % everyFourth == 0 ? 1 : 0);
            var events = listener.EventCount;
            await Eventually.HoldsAsync(
                () => listener.EventCount > events && listener.Watermarks.Count >= watermarks, "the connection is in use");
            var subscriber = Assert.Single(await admin.SubscribersAsync());
            Assert.Equal(1, (await admin.DoAsync("CLIENT", "KILL", "ID", subscriber)).AsInt64());
            await listener.ClosedWindowsAsync(kill);
        }

        var last = listener.EventCount;
        await Eventually.HoldsAsync(() => listener.EventCount > last, "events go on");
        var published = await publisher.StopAsync();
        await Eventually.HoldsAsync(() => Publisher.Numbers(listener.Events)[^1] == published[^1].Number, "the last number");

        var arrived = Publisher.Numbers(listener.Events);
        var windows = listener.Windows;
        Assert.Equal(2 * kills, windows.Count);
        Assert.All(windows, window => Assert.Equal(
            (LossCause.Disconnected, server.Endpoint, "", false), (window.Cause, window.Node, window.Subject, window.IsCertain)));
        Assert.Equal(kills, windows.Select(window => window.OpenedAt).Distinct().Count());
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
    public async Task A_half_open_connection_is_noticed_within_four_seconds_and_the_window_opens_before_it_froze()
    {
        await using var server = await RedisServer.StartAsync();
        await using var listener = new Listener(Sources.PubSub(Redis.Options(server), ["news"]));
        await listener.SubscribedAsync();
        var frozenAt = Now;
        server.Freeze();
        var watch = Stopwatch.StartNew();
        await Eventually.HoldsAsync(() => listener.Windows.Count > 0, "the window");
        var noticedAfter = watch.Elapsed;
        await Eventually.HoldsAsync(() => listener.Retries >= 2, "an attempt to connect that fails");
        Assert.Single(listener.Windows);
        var thawedAt = Now;
        server.Thaw();
        await listener.ClosedWindowsAsync(1);

        Assert.InRange(noticedAfter, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4));
        Assert.InRange(listener.Windows[0].OpenedAt, frozenAt - TimeSpan.FromSeconds(2), frozenAt);
        Assert.True(listener.Windows[1].ClosedAt >= thawedAt);
        Assert.Equal(listener.Windows[0].OpenedAt, listener.Windows[1].OpenedAt);
    }

    [Fact]
    public async Task A_host_that_does_not_pull_is_dropped_by_the_server_and_the_window_opens_where_its_messages_end()
    {
        const int small = 1500;
        const int padding = 16 * 1024;
        await using var server = await RedisServer.StartAsync(new() { ExtraLines = ["client-output-buffer-limit pubsub 1mb 1mb 1"] });
        await using var admin = await Redis.ConnectAsync(server);
        await using var listener = new Listener(Sources.PubSub(Redis.Options(server), ["numbers"]));
        await listener.SubscribedAsync();
        listener.Hold();

        // Enough to fill the source; the answer to the next PING waits in the socket behind it.
        var published = new List<Published>();
        for (var number = 0; number < small; number++)
        {
            var from = Now;
            await admin.DoAsync("PUBLISH", "numbers", $"{number}");
            published.Add(new Published(number, from, Now));
        }

        var filled = Now;
        await Eventually.HoldsAsync(() => Now > filled + TimeSpan.FromSeconds(1.5), "a PING is sent");
        await using var publisher = await Publisher.StartAsync(server, "numbers", small, padding);
        await Eventually.HoldsAsync(async () => (await admin.SubscribersAsync()).Count == 0, "the server drops the subscriber");
        published.AddRange(await publisher.StopAsync());

        // What is still in the socket is read only now, long after it was sent: that proves nothing about the time between.
        var dropped = Now;
        await Eventually.HoldsAsync(() => Now > dropped + TimeSpan.FromSeconds(2), "time goes by");
        listener.Release();
        await listener.ClosedWindowsAsync(1);

        var arrived = Publisher.Numbers(listener.Events);
        Assert.NotEmpty(arrived);
        Assert.NotEmpty(LossJudge.Missing(published, arrived));
        Assert.Empty(LossJudge.Unexplained(published, arrived, listener.Windows));
        Assert.Empty(LossJudge.Repeated(arrived));
        Assert.True(listener.Windows[0].OpenedAt < dropped, "The window opens at the last proof of life, not when the rest was read.");
    }
}
