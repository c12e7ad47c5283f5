namespace Penstock.TestServers;

/// <summary>A primary, a replica, and three sentinels that know both.</summary>
public sealed class SentinelServers : IAsyncDisposable
{
    /// <summary>What the sentinels call the primary.</summary>
    public const string Service = "main";

    const int Quorum = 2;

    readonly List<RedisServer> _servers = [];
    readonly List<RedisServer> _sentinels = [];
    readonly TempDirectory _directory = new("sentinel");

    SentinelServers()
    {
    }

    /// <summary>The one that was the primary at the start, then the other.</summary>
    public IReadOnlyList<RedisServer> Servers => _servers;

    public IReadOnlyList<RedisServer> Sentinels => _sentinels;

    /// <summary>Of servers and sentinels; null without TLS.</summary>
    public TestCertificates? Certificates { get; private set; }

    /// <param name="password">Of the servers; empty for none.</param>
    /// <param name="sentinelPassword">Of the sentinels; empty for none.</param>
    /// <param name="mutualTls">Whether all of them speak TLS, and clients must show a certificate.</param>
    /// <param name="extraLines">Further lines of the servers' redis.conf.</param>
    /// <param name="sentinelLines">Further lines of the sentinels' sentinel.conf.</param>
    public static async Task<SentinelServers> StartAsync(
        string password = "", string sentinelPassword = "", bool mutualTls = false, string[]? extraLines = null, string[]? sentinelLines = null)
    {
        var setup = new SentinelServers();
        try
        {
            setup.Certificates = mutualTls ? TestCertificates.Create(setup._directory.Path) : null;
            RedisServerOptions Options(bool isSentinel, params IEnumerable<string> lines) => new()
            {
                IsSentinel = isSentinel,
                Tls = mutualTls,
                RequireClientCertificate = mutualTls,
                HasPlainPort = true,
                Certificates = setup.Certificates,
                ExtraLines = [.. lines],
            };
            var login = password.Length == 0 ? [] : new[] { $"requirepass {password}", $"masterauth {password}" };
            setup._servers.Add(await RedisServer.StartAsync(Options(false, [.. login, "repl-diskless-sync-delay 0", .. extraLines ?? []])));
            var primary = setup._servers[0];
            setup._servers.Add(await RedisServer.StartAsync(
                Options(false, [.. login, "repl-diskless-sync-delay 0", $"replicaof 127.0.0.1 {primary.Port}", .. extraLines ?? []])));
            using (var replica = Client(setup._servers[1], password))
            {
                // A sentinel that starts before it learns of the replica at its next INFO only, ten seconds later.
                await Eventually.HoldsAsync(
                    () => $"{replica.Send("INFO", "replication")}".Contains("master_link_status:up", StringComparison.Ordinal),
                    "the replica is in sync");
            }

            while (setup._sentinels.Count < 3)
            {
                setup._sentinels.Add(await RedisServer.StartAsync(
                    Options(true, [.. Watching(primary, password, sentinelPassword), .. sentinelLines ?? []])));
            }

            foreach (var sentinel in setup._sentinels)
            {
                await BeReadyAsync(sentinel, sentinelPassword);
            }

            return setup;
        }
        catch
        {
            await setup.DisposeAsync();
            throw;
        }
    }

    /// <summary>Has a sentinel make the replica the primary, and waits until all of them say so.</summary>
    public async Task FailOverAsync(string sentinelPassword = "")
    {
        using (var sentinel = Client(_sentinels[0], sentinelPassword))
        {
            sentinel.Send("SENTINEL", "FAILOVER", Service);
        }

        await AgreeOnAsync(_servers[1], sentinelPassword);
    }

    /// <summary>Waits until every sentinel names this server.</summary>
    public async Task AgreeOnAsync(RedisServer primary, string sentinelPassword = "")
    {
        foreach (var each in _sentinels)
        {
            using var sentinel = Client(each, sentinelPassword);
            await Eventually.HoldsAsync(
                () => sentinel.Send("SENTINEL", "GET-MASTER-ADDR-BY-NAME", Service) is object?[] address && $"{address[1]}" == $"{primary.Port}",
                $"the sentinels name {primary.Endpoint}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in (List<RedisServer>)[.. _sentinels, .. _servers])
        {
            await server.DisposeAsync();
        }

        _directory.Dispose();
    }

    static PlainRedis Client(RedisServer server, string password)
    {
        var client = new PlainRedis(server.PlainPort);
        if (password.Length > 0)
        {
            client.Send("AUTH", password);
        }

        return client;
    }

    static IEnumerable<string> Watching(RedisServer primary, string password, string sentinelPassword)
    {
        yield return $"sentinel monitor {Service} 127.0.0.1 {primary.Port} {Quorum}";
        yield return $"sentinel down-after-milliseconds {Service} 1000";
        yield return $"sentinel failover-timeout {Service} 5000";
        if (password.Length > 0)
        {
            yield return $"sentinel auth-pass {Service} {password}";
        }

        if (sentinelPassword.Length > 0)
        {
            yield return $"requirepass {sentinelPassword}";
        }
    }

    // With its own periods a sentinel takes some seconds to find the others.
    static async Task BeReadyAsync(RedisServer server, string sentinelPassword)
    {
        using var sentinel = Client(server, sentinelPassword);
        sentinel.Send("SENTINEL", "DEBUG", "info-period", "100", "ping-period", "100", "ask-period", "100", "publish-period", "200");
        await Eventually.HoldsAsync(
            () => sentinel.Send("SENTINEL", "MASTER", Service) is object?[] facts
                && Fact(facts, "num-slaves") == "1" && Fact(facts, "num-other-sentinels") == "2",
            "the sentinel knows the replica and the other sentinels");

        // One that publishes so often is as quick to believe that a promoted replica is one still, and makes it one again.
        sentinel.Send("SENTINEL", "DEBUG", "publish-period", "2000");
    }

    static string? Fact(object?[] facts, string name) => $"{facts[Array.IndexOf(facts, name) + 1]}";
}
