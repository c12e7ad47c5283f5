using Microsoft.Extensions.Logging.Abstractions;
using Penstock.Redis;
using Penstock.Sources.RedisPubSub;
using Penstock.TestServers;

namespace Penstock.RedisPubSub.Tests;

public sealed class SessionTests
{
    static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task A_new_subscription_proves_nothing_beyond_the_instant_at_which_it_was_asked_for()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var server = await RedisServer.StartAsync();
        var servers = new RedisServers(Redis.Options(server), "penstock-test", TimeProvider.System);
        var connection = await servers.ConnectSubscriberAsync(stop);
        server.Freeze();
        var feed = new RedisPubSubFeed(new RedisPubSubOptions { Connection = Redis.Options(server), Channels = ["news"] });
        var plan = new SubscriptionPlan(feed, HasCanary: false, MaxBacklog: 1 << 20);
        var target = new ServerTarget(servers, feed, server.Endpoint, node: null);
        var subscribing = SubscriptionSession.SubscribeAsync(connection, plan, target, canary: null, TimeProvider.System, stop);
        var asked = Now;
        await Eventually.HoldsAsync(() => Now > asked + TimeSpan.FromMilliseconds(50), "the answer is late");
        server.Thaw();
        await using var session = await subscribing;

        // A window opens at the one and closes at the other: what was sent while the answer was on its way lies inside both ways.
        Assert.True(session.ProvenAt <= asked, "The proof is as old as the question.");
        Assert.True(session.SubscribedAt > asked + TimeSpan.FromMilliseconds(50), "The subscription is as young as its answer.");
    }

    [Fact]
    public async Task Channels_that_were_given_up_are_not_lost_with_news_that_nobody_reads()
    {
        await using var cluster = await ClusterServers.StartAsync();
        string[] channels = [cluster.KeyAt(0), cluster.KeyAt(1), cluster.KeyAt(2)];
        var options = new RedisPubSubOptions
        {
            Connection = new RedisConnectionOptions { Endpoints = [cluster.Servers[0].Endpoint], Topology = RedisTopology.Cluster },
            ShardedChannels = channels,
        };
        var context = Sources.Context(new LogLines());
        var servers = new RedisServers(options.Connection, context);
        var feed = new RedisPubSubFeed(options);
        var listener = new NodeListener(
            new SubscriptionPlan(feed, HasCanary: false, MaxBacklog: 1 << 20),
            new ShardTarget(servers, feed.Subscription.Sharded, keyPrefix: ""),
            born: null,
            new CanaryRight(NullLogger.Instance, context),
            context);
        var merge = new NewsMerge();
        merge.Add(listener, TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => listener.Target.Count == 1, "the channels of others are given up");
        listener.Leave();
        await merge.DisposeAsync();

        // What it has not given up it listens to itself the next time.
        Assert.Equal(channels.Length, listener.Target.Count + listener.TakeChildren().Sum(child => child.Target.Count));
    }

    [Fact]
    public async Task Reading_that_stops_before_the_first_proof_of_life_leaves_a_window()
    {
        await using var server = await RedisServer.StartAsync();
        var context = Sources.Context(new LogLines());
        var servers = new RedisServers(Redis.Options(server), context);
        var feed = new RedisPubSubFeed(new RedisPubSubOptions { Connection = Redis.Options(server), Channels = ["news"] });
        var listener = new NodeListener(
            new SubscriptionPlan(feed, HasCanary: false, MaxBacklog: 1 << 20),
            new ServerTarget(servers, feed, server.Endpoint, node: null),
            born: null,
            new CanaryRight(NullLogger.Instance, context),
            context);
        var first = await FirstAsync();
        Assert.Null(first.Proof);
        var subscribed = Now;
        Assert.InRange((await FirstAsync()).Window!.OpenedAt, subscribed - TimeSpan.FromSeconds(10), subscribed);

        async Task<NodeNews> FirstAsync()
        {
            await using var news = listener.ListenAsync([], CancellationToken.None).GetAsyncEnumerator(CancellationToken.None);
            Assert.True(await news.MoveNextAsync());
            return news.Current;
        }
    }
}
