using System.Globalization;

namespace Penstock.TestServers;

/// <summary>A Redis Cluster of three primaries, each with a third of the slots, and a replica of each when asked for.</summary>
public sealed class ClusterServers : IAsyncDisposable
{
    public const int Slots = 16384;

    const int PrimaryCount = 3;

    readonly List<RedisServer> _servers = [];
    readonly Dictionary<string, RedisServer> _byId = new(StringComparer.Ordinal);
    readonly string? _password;
    readonly TempDirectory _directory = new("cluster");

    ClusterServers(string? password) => _password = password;

    /// <summary>Those that were the primaries at the start, in the order of their slots; then their replicas, in the same order.</summary>
    public IReadOnlyList<RedisServer> Servers => _servers;

    /// <summary>Of all nodes; null without TLS.</summary>
    public TestCertificates? Certificates { get; private set; }

    /// <param name="withReplicas">Whether each primary has a replica.</param>
    /// <param name="password">Of the default user, and among the nodes; null for none.</param>
    /// <param name="tls">Whether <see cref="RedisServer.Endpoint"/> speaks TLS.</param>
    /// <param name="requireClientCertificate">Whether clients must show a certificate.</param>
    /// <param name="extraLines">Further lines of every node's redis.conf.</param>
    public static async Task<ClusterServers> StartAsync(
        bool withReplicas = false, string? password = null, bool tls = false, bool requireClientCertificate = false, params string[] extraLines)
    {
        var cluster = new ClusterServers(password);
        try
        {
            cluster.Certificates = tls ? TestCertificates.Create(cluster._directory.Path) : null;
            var options = new RedisServerOptions
            {
                IsClusterNode = true,
                Password = password,
                Tls = tls,
                Certificates = cluster.Certificates,
                RequireClientCertificate = requireClientCertificate,
                ExtraLines =
                [
                    "cluster-node-timeout 1000", "cluster-replica-validity-factor 0", "cluster-allow-replica-migration no", "repl-diskless-sync-delay 0",
                    .. password is null ? [] : new[] { $"masterauth {password}" },
                    .. extraLines,
                ],
            };
            var starting = Enumerable.Range(0, withReplicas ? 2 * PrimaryCount : PrimaryCount).Select(_ => RedisServer.StartAsync(options)).ToList();
            foreach (var server in starting)
            {
                cluster._servers.Add(await server);
            }

            await cluster.MeetAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client that has logged in; it does not follow redirections.</summary>
    public PlainRedis Client(RedisServer server)
    {
        var client = new PlainRedis(server.PlainPort);
        if (_password is not null)
        {
            client.Send("AUTH", _password);
        }

        return client;
    }

    /// <summary>The slot of a key, as a server computes it.</summary>
    public int SlotOf(string key)
    {
        using var redis = Client(_servers.First(server => server.IsRunning));
        return (int)redis.SendForNumber("CLUSTER", "KEYSLOT", key);
    }

    /// <summary>A name of some key in this server's third of the slots at the start: the prefix, and a number.</summary>
    public string KeyAt(int primary, string prefix = "k") => Enumerable.Range(0, 1000).Select(n => $"{prefix}{n}")
        .First(key => SlotOf(key) * PrimaryCount / Slots == primary);

    public RedisServer PrimaryOf(string key) => PrimaryOf(SlotOf(key));

    /// <summary>The primary of a slot, as most running nodes see it; null when they see none.</summary>
    public RedisServer PrimaryOf(int slot) => TryPrimaryOf(slot) ?? throw new InvalidOperationException($"Nobody serves slot {slot}.");

    public RedisServer ReplicaOf(RedisServer primary) => ReplicasOf(primary) is [var replica, ..]
        ? replica
        : throw new InvalidOperationException($"{primary.Endpoint} has no replica.");

    /// <summary>The replicas that a primary knows of.</summary>
    public IReadOnlyList<RedisServer> ReplicasOf(RedisServer primary)
    {
        using var redis = Client(primary);
        return [.. ((object?[])redis.Send("CLUSTER", "REPLICAS", IdOf(primary))!).Select(line => _byId[$"{line}".Split(' ')[0]])];
    }

    /// <summary>Has the replica take over from its primary in an orderly way, and waits until all nodes know.</summary>
    public async Task FailOverAsync(RedisServer primary)
    {
        var replica = ReplicaOf(primary);
        using (var redis = Client(replica))
        {
            redis.Send("CLUSTER", "FAILOVER");
        }

        await BelievesAsync(replica, "is the primary", line => line.Contains("master", StringComparison.Ordinal));
    }

    /// <summary>Waits until every running node calls this server a primary that serves slots.</summary>
    public Task IsPrimaryAsync(RedisServer server) =>
        BelievesAsync(server, "is the primary", line => line.Contains("master", StringComparison.Ordinal) && line.Split(' ').Length > 8);

    /// <summary>Waits until every running node says that the cluster is well.</summary>
    public Task IsWellAsync() => Eventually.HoldsAsync(
        () => _servers.Where(server => server.IsRunning).All(server => Ask(server, "CLUSTER", "INFO").Contains("cluster_state:ok", StringComparison.Ordinal)),
        "the cluster is well");

    /// <summary>Opens a slot for migration at both ends: from now on the source redirects with ASK for keys that it has no more.</summary>
    public void BeginMigration(int slot, RedisServer to)
    {
        var from = PrimaryOf(slot);
        using var target = Client(to);
        target.Send("CLUSTER", "SETSLOT", $"{slot}", "IMPORTING", IdOf(from));
        using var source = Client(from);
        source.Send("CLUSTER", "SETSLOT", $"{slot}", "MIGRATING", IdOf(to));
    }

    /// <summary>Moves the keys of an open slot.</summary>
    public void MigrateKeys(int slot, RedisServer from, RedisServer to)
    {
        using var source = Client(from);
        while (source.Send("CLUSTER", "GETKEYSINSLOT", $"{slot}", "100") is object?[] { Length: > 0 } keys)
        {
            string[] login = _password is null ? [] : ["AUTH", _password];
            source.Send(["MIGRATE", "127.0.0.1", $"{to.Port}", "", "0", "5000", .. login, "KEYS", .. keys.Select(key => $"{key}")]);
        }
    }

    /// <summary>Gives an open slot to its new owner: from now on the old one redirects with MOVED.</summary>
    public async Task EndMigrationAsync(int slot, RedisServer to)
    {
        foreach (var server in _servers.Where(server => server.IsRunning).OrderByDescending(server => server == to))
        {
            using var redis = Client(server);
            if ($"{((object?[])redis.Send("ROLE")!)[0]}" == "master")
            {
                redis.Send("CLUSTER", "SETSLOT", $"{slot}", "NODE", IdOf(to));
            }
        }

        await Eventually.HoldsAsync(() => TryPrimaryOf(slot) == to, "the slot has moved");
    }

    /// <summary>Moves a slot with its keys to another primary, and waits until all nodes know.</summary>
    public Task MigrateAsync(int slot, RedisServer to)
    {
        var from = PrimaryOf(slot);
        BeginMigration(slot, to);
        MigrateKeys(slot, from, to);
        return EndMigrationAsync(slot, to);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        _directory.Dispose();
    }

    async Task MeetAsync()
    {
        foreach (var (index, server) in _servers.Index())
        {
            using var redis = Client(server);
            _byId.Add((string)redis.Send("CLUSTER", "MYID")!, server);

            // Without epochs of their own, the nodes would have to find out who is the younger one.
            redis.Send("CLUSTER", "SET-CONFIG-EPOCH", $"{index + 1}");
            if (index < PrimaryCount)
            {
                redis.Send("CLUSTER", "ADDSLOTSRANGE", $"{First(index)}", $"{First(index + 1) - 1}");
            }

            redis.Send("CLUSTER", "MEET", "127.0.0.1", $"{_servers[0].Port}", $"{_servers[0].BusPort}");
        }

        await Eventually.HoldsAsync(
            () => _servers.All(server => Ask(server, "CLUSTER", "INFO").Contains($"cluster_known_nodes:{_servers.Count}", StringComparison.Ordinal)),
            "all nodes know each other");
        for (var i = PrimaryCount; i < _servers.Count; i++)
        {
            using var redis = Client(_servers[i]);
            redis.Send("CLUSTER", "REPLICATE", IdOf(_servers[i - PrimaryCount]));
        }

        await IsWellAsync();
        await Eventually.HoldsAsync(
            () => _servers.Skip(PrimaryCount).All(server => Ask(server, "INFO", "replication").Contains("master_link_status:up", StringComparison.Ordinal)),
            "the replicas are in sync");
        await Eventually.HoldsAsync(
            () => _servers.All(server => Nodes(server).Count(line => line.Contains("slave", StringComparison.Ordinal)) == _servers.Count - PrimaryCount),
            "all nodes know the replicas");
    }

    static int First(int primary) => primary * Slots / PrimaryCount + (primary * Slots % PrimaryCount > 0 ? 1 : 0);

    string IdOf(RedisServer server) => _byId.First(pair => pair.Value == server).Key;

    RedisServer? TryPrimaryOf(int slot)
    {
        var named = _servers.Where(server => server.IsRunning).Select(server => OwnerSeenBy(server, slot)).Distinct().ToList();
        return named is [{ } owner] ? _byId[owner] : null;
    }

    string? OwnerSeenBy(RedisServer server, int slot) =>
        Nodes(server).Select(line => line.Split(' ')).FirstOrDefault(node => node.Skip(8).Any(range => Contains(range, slot)))?[0];

    static bool Contains(string range, int slot)
    {
        var ends = range.Split('-');
        return range[0] != '[' && int.Parse(ends[0], CultureInfo.InvariantCulture) <= slot && slot <= int.Parse(ends[^1], CultureInfo.InvariantCulture);
    }

    Task BelievesAsync(RedisServer server, string what, Func<string, bool> isSo) => Eventually.HoldsAsync(
        () => _servers.Where(other => other.IsRunning)
            .All(other => Nodes(other).Any(line => line.StartsWith(IdOf(server), StringComparison.Ordinal) && isSo(line))),
        $"every node believes that {server.Endpoint} {what}");

    string[] Nodes(RedisServer server) => Ask(server, "CLUSTER", "NODES").Split('\n', StringSplitOptions.RemoveEmptyEntries);

    string Ask(RedisServer server, params ReadOnlySpan<string> command)
    {
        using var redis = Client(server);
        return $"{redis.Send(command)}";
    }
}
