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

        // Who is quicker: the old primary, which shows its clients out, or the sentinel, which names the new one.
        Assert.Contains(window.Cause, new[] { LossCause.Disconnected, LossCause.Failover });
        Assert.Equal(setup.Servers[0].Endpoint, window.Node);
        Assert.InRange(listener.Retries, 1, 1000);
    }

    [Fact]
    public async Task While_no_sentinel_can_be_asked_nothing_is_proven()
    {
        await using var setup = await SentinelServers.StartAsync();
        await using var listener = new Listener(Sources.PubSub(Options(setup), channels: ["news"]));
        await listener.SubscribedAsync();
        foreach (var sentinel in setup.Sentinels)
        {
            sentinel.Kill();
        }

        // The server may have been replaced behind our back, and would still answer.
        var cutAt = TimeProvider.System.GetUtcNow();
        using var redis = new PlainRedis(setup.Servers[0].Port);
        var pings = Pings(redis);
        await Eventually.HoldsAsync(() => Pings(redis) > pings + 3, "the server has answered for some seconds");
        Assert.All(listener.Watermarks, watermark => Assert.True(ProofOfLife.FromState(watermark.State.Span).At <= cutAt, "a proof without a witness"));
        Publish(setup.Servers[0], "meanwhile");
        await listener.EventsAsync(1);
        foreach (var sentinel in setup.Sentinels)
        {
            await sentinel.RestartAsync();
        }

        await Eventually.HoldsAsync(() => ProofOfLife.FromState(listener.Watermarks[^1].State.Span).At > cutAt, "proofs go on");
        Assert.Equal((0, 0), (listener.Retries, listener.Windows.Count));
    }

    static int Pings(PlainRedis redis)
    {
        var line = $"{redis.Send("INFO", "commandstats")}".Split('\n').First(line => line.StartsWith("cmdstat_ping:", StringComparison.Ordinal));
        return int.Parse(line.Split('=', ',')[1]);
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
