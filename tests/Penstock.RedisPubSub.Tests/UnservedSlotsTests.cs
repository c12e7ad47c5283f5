using Penstock.Redis;
using Penstock.Sources.RedisKeyspace;
using Penstock.Sources.RedisPubSub;
using Penstock.TestServers;

namespace Penstock.RedisPubSub.Tests;

/// <summary>A cluster some or all of whose slots nobody serves, as while it is set up or mended.</summary>
public sealed class UnservedSlotsTests
{
    // The slot of "0", which is the first that a canary tries.
    static readonly int Unserved = HashSlot.Of("0"u8);

    [Fact]
    public async Task While_nobody_serves_any_slot_the_source_goes_on_trying()
    {
        await using var server = await StartAsync();
        using var redis = new PlainRedis(server.Port);
        await using var listener = new Listener(Sources.Keyspace(new RedisKeyspaceOptions { Connection = Connection(server) }));
        await Eventually.HoldsAsync(() => listener.Retries > 0 || listener.HasEnded, "there is nobody to listen to");
        Assert.False(listener.HasEnded);
        redis.Send("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
        await listener.SubscribedAsync();
        var (retries, asked) = (listener.Retries, Asked(redis));
        redis.Send("CLUSTER", "FLUSHSLOTS");
        await Eventually.HoldsAsync(() => Asked(redis) > asked + 1, "the list has been empty");
        redis.Send("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
        await IsUpAsync(redis);
        await Eventually.HoldsAsync(
            () =>
            {
                redis.Send("SET", "key", "1");
                return listener.EventCount > 0 || listener.HasEnded;
            },
            "keys are told of");
        Assert.Equal((false, retries), (listener.HasEnded, listener.Retries));
    }

    [Fact]
    public async Task A_slot_that_nobody_serves_concerns_neither_canaries_nor_the_channels_of_other_slots()
    {
        await using var server = await StartAsync();
        using var redis = new PlainRedis(server.Port);
        redis.Send("CLUSTER", "ADDSLOTSRANGE", "0", $"{Unserved - 1}", $"{Unserved + 1}", "16383");
        await IsUpAsync(redis);
        await using var keyspace = new Listener(Sources.Keyspace(new RedisKeyspaceOptions { Connection = Connection(server), Canary = true }));
        await using var sharded = new Listener(Sources.PubSub(
            new RedisPubSubOptions { Connection = Connection(server), ShardedChannels = ["0", "other"], Canary = true }));
        await keyspace.SubscribedAsync();
        await Eventually.HoldsAsync(
            () =>
            {
                redis.Send("SET", "key", "1");
                redis.Send("SPUBLISH", "other", "1");
                return keyspace.EventCount > 0 && sharded.EventCount > 0;
            },
            "the served slots are listened to");

        // As long as one channel is not listened to, the checkpoint stays where it is.
        Assert.Empty(sharded.Watermarks);
        redis.Send("CLUSTER", "ADDSLOTS", $"{Unserved}");
        await sharded.SubscribedAsync();
        redis.Send("SPUBLISH", "0", "1");
        await Eventually.HoldsAsync(() => sharded.Events[^1].Subject == "0", "the other slot is listened to, too");
    }

    static Task<RedisServer> StartAsync() => RedisServer.StartAsync(
        new() { IsClusterNode = true, ExtraLines = ["notify-keyspace-events KA", "cluster-require-full-coverage no"] });

    static RedisConnectionOptions Connection(RedisServer server) => new()
    {
        Endpoints = [server.Endpoint],
        Topology = RedisTopology.Cluster,
        ConnectTimeout = TimeSpan.FromSeconds(1),
    };

    static Task IsUpAsync(PlainRedis redis) => Eventually.HoldsAsync(
        () => $"{redis.Send("CLUSTER", "INFO")}".Contains("cluster_state:ok", StringComparison.Ordinal), "the cluster takes commands");

    // How often somebody asked who serves which slots.
    static int Asked(PlainRedis redis)
    {
        var line = $"{redis.Send("INFO", "commandstats")}".Split('\n').FirstOrDefault(line => line.StartsWith("cmdstat_cluster|shards:", StringComparison.Ordinal));
        return line is null ? 0 : int.Parse(line.Split('=', ',')[1]);
    }
}
