using System.Diagnostics;
using Penstock.Redis;
using Penstock.Sources.RedisPubSub;
using Penstock.TestServers;

namespace Penstock.RedisPubSub.Tests;

/// <summary>Sharded channels belong to slots, and slots to servers: subscriptions follow them.</summary>
public sealed class ShardedTests(ClusterFixture fixture) : IClassFixture<ClusterFixture>
{
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    ClusterServers Cluster => fixture.Cluster;

    [Fact]
    [Trait("Scenario", "PS09")]
    public async Task Channels_of_all_slots_are_subscribed_at_their_owners_with_one_connection_each()
    {
        string[] channels = [.. Enumerable.Range(0, 60).Select(i => $"channel:{i}"), "{same}1", "{same}2"];
        await using var listener = Listen(channels);
        await listener.SubscribedAsync();
        foreach (var channel in channels)
        {
            Publish(channel, "x");
        }

        await listener.EventsAsync(channels.Length);
        Assert.Equal(channels.Order(), listener.Events.Select(change => change.Subject).Order());
        Assert.Empty(listener.Windows);
        foreach (var server in Cluster.Servers)
        {
            Assert.Equal(channels.Any(channel => Cluster.PrimaryOf(channel) == server) ? 1 : 0, fixture.Subscribers(server));
        }
    }

    [Fact]
    public async Task A_standalone_server_has_sharded_channels_too()
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = await Redis.ConnectAsync(server);
        await using var listener = new Listener(Sources.PubSub(
            new RedisPubSubOptions { Connection = Redis.Options(server), Channels = ["a"], ShardedChannels = ["a", "b"] }));
        await listener.SubscribedAsync();
        await redis.DoAsync("SPUBLISH", "a", "1");
        await redis.DoAsync("SPUBLISH", "b", "2");
        await redis.DoAsync("PUBLISH", "a", "3");
        await listener.EventsAsync(3);
        Assert.Equal(["a 1", "b 2", "a 3"], listener.Events.Select(change => $"{change.Subject} {change.After!.Value.GetString("message")}"));
    }

    [Theory]
    [Trait("Scenario", "PS07")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_channel_whose_slot_moves_is_back_within_five_seconds_and_the_others_are_not_concerned(bool canary)
    {
        var moving = Cluster.KeyAt(0, $"moving{canary}");
        var staying = Cluster.KeyAt(0, $"staying{canary}");
        var to = Cluster.PrimaryOf(Cluster.KeyAt(1));

        // The canary is in the slot of the first: when that moves, the whole connection is made anew.
        await using var listener = Listen([staying, moving], canary);
        await listener.SubscribedAsync();
        var (numbers, others) = await PublishThroughAsync(listener, [moving, staying], () => Cluster.MigrateAsync(Cluster.SlotOf(moving), to));
        var windows = listener.Windows;

        Assert.Empty(LossJudge.Unexplained(numbers, Arrived(listener, moving), windows));
        Assert.Empty(LossJudge.Missing(others, Arrived(listener, staying)));
        Assert.All(windows, window => Assert.Equal((LossCause.SlotMoved, moving), (window.Cause, window.Subject)));
        var closed = Assert.Single(windows, window => window.ClosedAt is not null);
        Assert.Equal(canary, closed.IsCertain);
        Assert.InRange(closed.ClosedAt!.Value - closed.OpenedAt, TimeSpan.Zero, Soon);
    }

    [Fact]
    [Trait("Scenario", "PS06")]
    [Trait("Scenario", "PS08")]
    public async Task After_an_orderly_failover_the_new_primary_is_listened_to_and_the_replica_that_was_it_is_left()
    {
        var channel = Cluster.KeyAt(1, "failing");
        var before = Cluster.PrimaryOf(channel);
        await using var listener = Listen([channel, Cluster.KeyAt(0, "other")]);
        await listener.SubscribedAsync();
        var (numbers, _) = await PublishThroughAsync(listener, [channel], () => fixture.Cluster.FailOverAsync(before));

        Assert.Empty(LossJudge.Unexplained(numbers, Arrived(listener, channel), listener.Windows));
        var closed = Assert.Single(listener.Windows, window => window.ClosedAt is not null);
        Assert.Equal((LossCause.Failover, channel, before.Endpoint), (closed.Cause, closed.Subject, closed.Node));
        Assert.InRange(closed.ClosedAt!.Value - closed.OpenedAt, TimeSpan.Zero, Soon);

        // A subscription at a replica would go silent without a word when that is given another primary.
        await Eventually.HoldsAsync(() => fixture.Subscribers(before) == 0, "the replica is left");
    }

    [Fact]
    public async Task When_a_primary_dies_its_channels_go_on_at_the_new_one_and_the_others_are_not_concerned()
    {
        var dying = Cluster.KeyAt(2, "dying");
        var living = Cluster.KeyAt(0, "living");
        var killed = Cluster.PrimaryOf(dying);
        await using var listener = Listen([dying, living]);
        await listener.SubscribedAsync();
        var (numbers, others) = await PublishThroughAsync(listener, [dying, living], async () =>
        {
            await fixture.KillAsync(killed);
            var served = Stopwatch.GetTimestamp();
            await listener.ClosedWindowsAsync(1);
            Assert.InRange(Stopwatch.GetElapsedTime(served), TimeSpan.Zero, Soon);
        });

        Assert.Empty(LossJudge.Unexplained(numbers, Arrived(listener, dying), listener.Windows));
        Assert.Empty(LossJudge.Missing(others, Arrived(listener, living)));
        Assert.All(listener.Windows, window => Assert.Equal((LossCause.Disconnected, killed.Endpoint), (window.Cause, window.Node)));
        Assert.Equal(0, listener.Retries);
        await fixture.HealAsync(killed);
    }

    [Fact]
    public async Task A_stop_while_one_server_is_away_leaves_its_gap_behind_the_checkpoint()
    {
        var dying = Cluster.KeyAt(2, "stopping");
        var killed = Cluster.PrimaryOf(dying);
        await using var listener = Listen([dying, Cluster.KeyAt(0, "staying")]);
        await listener.SubscribedAsync();
        var killing = fixture.KillAsync(killed);
        await Eventually.HoldsAsync(() => listener.Windows.Count > 0, "its window opens");
        await listener.StopAsync();
        var opened = listener.Windows[0].OpenedAt;
        Assert.All(
            listener.Watermarks, watermark => Assert.True(ProofOfLife.FromState(watermark.State.Span).At <= opened, "the checkpoint is beyond the gap"));
        await killing;
        await fixture.HealAsync(killed);
    }

    [Fact]
    public async Task No_channel_is_forgotten_whenever_reading_is_stopped_and_begun_again()
    {
        string[] channels = [Cluster.KeyAt(0), Cluster.KeyAt(1), Cluster.KeyAt(2)];
        var source = Sources.PubSub(new RedisPubSubOptions { Connection = fixture.Options, ShardedChannels = channels });
        for (var i = 1; i <= 20; i++)
        {
            using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(i));
            await foreach (var message in source.ReadAsync([], stop.Token))
            {
                Assert.IsNotType<ChangeEvent>(message);
            }
        }

        await using var listener = new Listener(source);
        await listener.SubscribedAsync();
        foreach (var channel in channels)
        {
            Publish(channel, "x");
        }

        await listener.EventsAsync(3);
    }

    [Fact]
    public async Task A_host_that_was_down_has_one_window_for_all_servers()
    {
        string[] channels = [Cluster.KeyAt(0), Cluster.KeyAt(1), Cluster.KeyAt(2)];
        await using var first = Listen(channels);
        await first.SubscribedAsync();
        await first.StopAsync();
        await using var second = Listen(channels, resumeAfter: [first.Watermarks[^1]]);
        await second.ClosedWindowsAsync(1);
        await second.SubscribedAsync();
        foreach (var channel in channels)
        {
            Publish(channel, "x");
        }

        await second.EventsAsync(3);
        Assert.Equal([LossCause.Restarted, LossCause.Restarted], second.Windows.Select(window => window.Cause));
    }

    Listener Listen(string[] channels, bool canary = false, IReadOnlyList<Watermark>? resumeAfter = null) => new(
        Sources.PubSub(new RedisPubSubOptions { Connection = fixture.Options, ShardedChannels = channels, Canary = canary }), resumeAfter);

    // Publishes to the first two channels while something happens, until both are heard again.
    async Task<(IReadOnlyList<Published> First, IReadOnlyList<Published> Last)> PublishThroughAsync(
        Listener listener, string[] channels, Func<Task> happens)
    {
        var publishers = channels.Select(channel => ClusterPublisher.ToChannel(Cluster, channel)).ToList();
        var published = new List<IReadOnlyList<Published>>();
        await Eventually.HoldsAsync(() => publishers.TrueForAll(publisher => publisher.Count > 200), "messages flow");
        await happens();
        await listener.ClosedWindowsAsync(1);
        foreach (var (publisher, channel) in publishers.Zip(channels))
        {
            var since = publisher.Count;
            await Eventually.HoldsAsync(() => publisher.Count > since + 50, "messages go on");
            published.Add(await publisher.StopAsync());
            await Eventually.HoldsAsync(
                () => Arrived(listener, channel).Contains(published[^1][^1].Number), $"the last number of {channel} at {Cluster.PrimaryOf(channel).Endpoint}", TimeSpan.FromSeconds(20));
        }

        return (published[0], published[^1]);
    }

    void Publish(string channel, string message)
    {
        using var client = Cluster.Client(Cluster.PrimaryOf(channel));
        Assert.Equal(1, client.SendForNumber("SPUBLISH", channel, message));
    }

    static IReadOnlyList<int> Arrived(Listener listener, string channel) =>
        Publisher.Numbers(listener.Events.Where(change => change.Subject == channel));
}
