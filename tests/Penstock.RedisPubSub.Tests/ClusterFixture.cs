using Penstock.Redis;
using Penstock.TestServers;

namespace Penstock.RedisPubSub.Tests;

/// <summary>A cluster of three primaries with a replica each, for tests that leave it well.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    ClusterServers? _cluster;

    public ClusterServers Cluster => _cluster!;

    public RedisConnectionOptions Options => new()
    {
        // One of them may be down.
        Endpoints = [.. Cluster.Servers.Select(server => server.Endpoint)],
        Topology = RedisTopology.Cluster,
        ConnectTimeout = TimeSpan.FromSeconds(1),
    };

    public async ValueTask InitializeAsync() =>
        _cluster = await ClusterServers.StartAsync(withReplicas: true, extraLines: ["notify-keyspace-events KA"]);

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    /// <summary>How many connections have subscribed at a server.</summary>
    internal int Subscribers(RedisServer server)
    {
        using var client = Cluster.Client(server);
        return $"{client.Send("CLIENT", "LIST", "TYPE", "PUBSUB")}".Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
    }

    internal bool IsPrimary(RedisServer server)
    {
        using var client = Cluster.Client(server);
        return $"{((object?[])client.Send("ROLE")!)[0]}" == "master";
    }

    /// <summary>Kills a primary, and waits until its replica has taken over.</summary>
    internal async Task KillAsync(RedisServer primary)
    {
        var replica = await Cluster.ReplicaOfAsync(primary);
        primary.Kill();
        await Cluster.IsPrimaryAsync(replica);
        await Cluster.IsWellAsync();
    }

    /// <summary>Takes a killed server back as the replica of the one that took its place.</summary>
    internal async Task HealAsync(RedisServer killed)
    {
        await killed.RestartAsync();
        await Cluster.IsWellAsync();
        await Eventually.HoldsAsync(
            () =>
            {
                using var client = Cluster.Client(killed);
                return $"{client.Send("INFO", "replication")}" is var text
                    && text.Contains("role:slave", StringComparison.Ordinal) && text.Contains("master_link_status:up", StringComparison.Ordinal);
            },
            "the killed server is a replica in sync");
    }
}
