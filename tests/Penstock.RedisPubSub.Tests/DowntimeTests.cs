using Penstock.TestServers;

namespace Penstock.RedisPubSub.Tests;

public sealed class DowntimeTests
{
    static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task The_first_start_of_all_reports_no_window()
    {
        await using var server = await RedisServer.StartAsync();
        await using var listener = new Listener(Sources.PubSub(Redis.Options(server), ["news"]));
        await listener.SubscribedAsync();
        Assert.Empty(listener.Windows);
    }

    [Fact]
    [Trait("Scenario", "PS05")]
    public async Task What_is_published_between_a_clean_stop_and_the_next_start_lies_inside_one_window()
    {
        await using var server = await RedisServer.StartAsync();
        await using var first = new Listener(Sources.PubSub(Redis.Options(server), ["numbers"]));
        await first.SubscribedAsync();
        await using var publisher = await Publisher.StartAsync(server, "numbers");
        await first.EventsAsync(1000);
        var stopAt = Now;
        await first.StopAsync();
        var checkpoint = Assert.IsType<Watermark>(first.Messages[^1]);
        Assert.Empty(first.Windows);

        await using var second = new Listener(Sources.PubSub(Redis.Options(server), ["numbers"]), [checkpoint]);
        await second.EventsAsync(1000);
        var published = await publisher.StopAsync();
        await Eventually.HoldsAsync(() => Publisher.Numbers(second.Events)[^1] == published[^1].Number, "the last number");
        await second.StopAsync();

        var arrived = Publisher.Numbers(first.Events.Concat(second.Events));
        var since = published.SkipWhile(one => one.Number < arrived[0]).ToList();
        Assert.Equal([false, true], second.Windows.Select(window => window.ClosedAt is not null));
        Assert.All(second.Windows, window => Assert.Equal(LossCause.Restarted, window.Cause));
        Assert.Equal(server.Endpoint, second.Windows[1].Node);
        Assert.True(second.Windows[1].OpenedAt >= stopAt, "A clean stop proves life once more.");
        Assert.NotEmpty(LossJudge.Missing(since, arrived));
        Assert.Empty(LossJudge.Unexplained(since, arrived, second.Windows));
        Assert.Empty(LossJudge.Repeated(arrived));
        Assert.Empty(first.Events.Select(one => one.Position).Intersect(second.Events.Select(one => one.Position)));
    }

    [Fact]
    [Trait("Scenario", "PS05")]
    public async Task What_a_crash_takes_after_the_checkpoint_lies_inside_the_window_although_it_was_received()
    {
        await using var server = await RedisServer.StartAsync();
        await using var crashed = new Listener(Sources.PubSub(Redis.Options(server), ["numbers"]));
        await crashed.SubscribedAsync();
        await using var publisher = await Publisher.StartAsync(server, "numbers");
        var before = crashed.Watermarks.Count;
        await Eventually.HoldsAsync(() => crashed.Watermarks.Count >= before + 2, "two proofs of life under load");

        // Only what came before this watermark was settled; the rest was received and never delivered.
        var checkpoint = crashed.Watermarks[before];
        var settled = Publisher.Numbers(crashed.Messages.TakeWhile(message => message != checkpoint).OfType<ChangeEvent>());
        var received = crashed.Events.Count;

        await using var next = new Listener(Sources.PubSub(Redis.Options(server), ["numbers"]), [checkpoint]);
        await next.EventsAsync(1000);
        var published = await publisher.StopAsync();
        await Eventually.HoldsAsync(() => Publisher.Numbers(next.Events)[^1] == published[^1].Number, "the last number");

        var delivered = settled.Concat(Publisher.Numbers(next.Events)).ToList();
        var since = published.SkipWhile(one => one.Number < settled[0]).ToList();
        Assert.True(received > settled.Count);
        Assert.NotEmpty(LossJudge.Missing(since, delivered));
        Assert.Empty(LossJudge.Unexplained(since, delivered, next.Windows));

        // A later watermark would not have covered what the crash took.
        IReadOnlyList<LossWindow> tooLate = [With(next.Windows[1], openedAt: next.Windows[1].ClosedAt!.Value)];
        Assert.NotEmpty(LossJudge.Unexplained(since, delivered, tooLate));
    }

    [Fact]
    public async Task The_window_of_a_downtime_is_open_while_the_server_cannot_be_reached()
    {
        await using var server = await RedisServer.StartAsync();
        await using var first = new Listener(Sources.PubSub(Redis.Options(server), ["news"]));
        await first.SubscribedAsync();
        await first.StopAsync();
        server.Kill();

        await using var second = new Listener(Sources.PubSub(Redis.Options(server), ["news"]), [first.Watermarks[^1]]);
        await Eventually.HoldsAsync(() => second.Retries >= 3, "attempts to connect");
        Assert.Null(Assert.Single(second.Windows).ClosedAt);
        await server.RestartAsync();
        await second.ClosedWindowsAsync(1);
        Assert.Equal(second.Windows[0].OpenedAt, second.Windows[1].OpenedAt);
        Assert.All(second.Windows, window => Assert.Equal(LossCause.Restarted, window.Cause));
    }

    [Fact]
    public async Task A_checkpoint_of_another_plugin_is_refused()
    {
        await using var server = await RedisServer.StartAsync();
        var foreign = new Watermark(new SourcePosition("", 1)) { State = new byte[8] };
        await using var listener = new Listener(Sources.PubSub(Redis.Options(server), ["news"]), [foreign]);
        await listener.EndedAsync();
        Assert.Equal(FailureKind.Permanent, listener.Failure!.Kind);
        Assert.Contains("another plugin", listener.Failure.Message, StringComparison.Ordinal);
    }

    static LossWindow With(LossWindow window, DateTimeOffset openedAt) =>
        new() { Cause = window.Cause, OpenedAt = openedAt, ClosedAt = window.ClosedAt, Node = window.Node };
}
