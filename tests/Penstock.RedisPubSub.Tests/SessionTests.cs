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
}
