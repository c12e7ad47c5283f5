using Penstock.Redis;
using Penstock.TestServers;

namespace Penstock.RedisStreams.Tests.Faults;

public sealed class ClusterVictims : Victims
{
    public ClusterServers Cluster { get; private set; } = null!;

    public override RedisConnectionOptions Connection => new()
    {
        Endpoints = [.. Servers.Select(server => server.Endpoint)],
        Topology = RedisTopology.Cluster,
        ConnectTimeout = TimeSpan.FromSeconds(1),
    };

    public override int Replicas => 1;

    public override IReadOnlyList<RedisServer> Servers => Cluster.Servers;

    public override async ValueTask InitializeAsync() => Cluster = await ClusterServers.StartAsync(withReplicas: true);

    public override ValueTask DisposeAsync() => Cluster.DisposeAsync();

    public override RedisServer PrimaryOf(string key) => Cluster.PrimaryOf(key);

    public override Task DemoteAsync(RedisServer primary) => Cluster.FailOverAsync(primary);

    public override Task PromoteAgainAsync(RedisServer server) => IsBackAsync(server);

    // Primaries and replicas are pairs from the start: the other half serves the slots.
    public override Task IsReplacedAsync(RedisServer server)
    {
        var index = Servers.Index().First(pair => pair.Item == server).Index;
        return Cluster.IsPrimaryAsync(Servers[(index + (Servers.Count / 2)) % Servers.Count]);
    }

    public override async Task IsBackAsync(RedisServer server)
    {
        await IsReplicaInSyncAsync(server);
        await Cluster.IsWellAsync();
    }
}
