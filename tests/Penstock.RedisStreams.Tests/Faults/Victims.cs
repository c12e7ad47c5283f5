using Penstock.Redis;
using Penstock.TestServers;

namespace Penstock.RedisStreams.Tests.Faults;

/// <summary>Servers that can be harmed in the same ways on every topology. They serve all cases of a class, one after another.</summary>
public abstract class Victims : IAsyncLifetime
{
    /// <summary>Where a client finds them.</summary>
    public abstract RedisConnectionOptions Connection { get; }

    /// <summary>How many replicas each primary has: what must have a write, if a failover is not to lose it.</summary>
    public abstract int Replicas { get; }

    public abstract IReadOnlyList<RedisServer> Servers { get; }

    public abstract ValueTask InitializeAsync();

    public abstract ValueTask DisposeAsync();

    /// <summary>Those that call themselves primaries.</summary>
    public List<RedisServer> Primaries() => [.. Servers.Where(server => server.IsRunning && RoleOf(server) == "master")];

    /// <summary>The primary that has a key.</summary>
    public virtual RedisServer PrimaryOf(string key) => Primaries()[0];

    /// <summary>Has another server become the primary, in an orderly way where the topology has one.</summary>
    public abstract Task DemoteAsync(RedisServer primary);

    /// <summary>Makes whole what <see cref="DemoteAsync"/> did.</summary>
    public abstract Task PromoteAgainAsync(RedisServer server);

    /// <summary>A server is not there; waits until nobody misses it, where there is somebody who can take over.</summary>
    public abstract Task IsReplacedAsync(RedisServer server);

    /// <summary>A server is back; waits until it plays its part.</summary>
    public abstract Task IsBackAsync(RedisServer server);

    /// <summary>Sends a command to all primaries.</summary>
    public void SendToPrimaries(params string[] command)
    {
        foreach (var primary in Primaries())
        {
            using var redis = new PlainRedis(primary.Port);
            redis.Send(command);
        }
    }

    protected static string Info(RedisServer server, string section)
    {
        using var redis = new PlainRedis(server.Port);
        return $"{redis.Send("INFO", section)}";
    }

    protected static Task IsReplicaInSyncAsync(RedisServer server) => Eventually.HoldsAsync(
        () => Info(server, "replication").Contains("master_link_status:up", StringComparison.Ordinal), $"{server.Endpoint} is a replica in sync");

    static string RoleOf(RedisServer server)
    {
        using var redis = new PlainRedis(server.Port);
        return $"{((object?[])redis.Send("ROLE")!)[0]}";
    }
}
