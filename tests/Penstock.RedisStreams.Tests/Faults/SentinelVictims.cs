using Penstock.Redis;
using Penstock.TestServers;

namespace Penstock.RedisStreams.Tests.Faults;

public sealed class SentinelVictims : Victims
{
    SentinelServers _setup = null!;

    public override RedisConnectionOptions Connection => new()
    {
        Endpoints = [.. _setup.Sentinels.Select(sentinel => sentinel.Endpoint)],
        Topology = RedisTopology.Sentinel,
        ServiceName = SentinelServers.Service,
        ConnectTimeout = TimeSpan.FromSeconds(1),
    };

    public override int Replicas => 1;

    public override IReadOnlyList<RedisServer> Servers => _setup.Servers;

    public override async ValueTask InitializeAsync()
    {
        _setup = await SentinelServers.StartAsync();
        foreach (var sentinel in _setup.Sentinels)
        {
            // Twice this long no sentinel fails over again.
            using var redis = new PlainRedis(sentinel.Port);
            redis.Send("SENTINEL", "SET", SentinelServers.Service, "failover-timeout", "2000");
        }
    }

    public override ValueTask DisposeAsync() => _setup.DisposeAsync();

    public override Task DemoteAsync(RedisServer primary)
    {
        using var sentinel = new PlainRedis(_setup.Sentinels[0].Port);
        sentinel.Send("SENTINEL", "FAILOVER", SentinelServers.Service);
        return IsReplacedAsync(primary);
    }

    public override Task PromoteAgainAsync(RedisServer server) => IsBackAsync(server);

    public override Task IsReplacedAsync(RedisServer server) => _setup.AgreeOnAsync(Other(server));

    // The sentinels take their time to make it one.
    public override Task IsBackAsync(RedisServer server)
    {
        using (var redis = new PlainRedis(server.Port))
        {
            redis.Send("REPLICAOF", "127.0.0.1", $"{Other(server).Port}");
        }

        return IsReplicaInSyncAsync(server);
    }

    RedisServer Other(RedisServer server) => _setup.Servers.First(other => other != server);
}
