using Penstock.Redis;
using Penstock.TestServers;

namespace Penstock.RedisPubSub.Tests;

/// <summary>Under Sentinel a subscription moves with the primary, and the time between is a loss window.</summary>
public sealed class FailoverTests
{
    [Fact]
    [Trait("Scenario", "PS06")]
    public async Task After_a_failover_the_source_listens_at_the_new_primary()
    {
        await using var setup = await SentinelServers.StartAsync();
        await using var listener = new Listener(Sources.PubSub(Options(setup), channels: ["news"]));
        await listener.SubscribedAsync();
        Publish(setup.Servers[0], "before");
        await listener.EventsAsync(1);

        await setup.FailOverAsync();
        await listener.ClosedWindowsAsync(1);
        Publish(setup.Servers[1], "after");

        await listener.EventsAsync(2);
        Assert.Equal(["before", "after"], listener.Events.Select(change => change.After!.Value.GetString("message")));
        var window = Assert.Single(listener.Windows, window => window.ClosedAt is not null);
        Assert.Equal(LossCause.Disconnected, window.Cause);
        Assert.Equal(setup.Servers[0].Endpoint, window.Node);
        Assert.InRange(listener.Retries, 1, 1000);
    }

    static RedisConnectionOptions Options(SentinelServers setup) => new()
    {
        Endpoints = [.. setup.Sentinels.Select(sentinel => sentinel.Endpoint)],
        Topology = RedisTopology.Sentinel,
        ServiceName = SentinelServers.Service,
        ConnectTimeout = TimeSpan.FromSeconds(1),
    };

    static void Publish(RedisServer server, string message)
    {
        using var client = new PlainRedis(server.Port);
        Assert.Equal(1, client.SendForNumber("PUBLISH", "news", message));
    }
}
