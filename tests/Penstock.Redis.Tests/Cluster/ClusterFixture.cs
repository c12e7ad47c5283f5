using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Penstock.TestServers;

namespace Penstock.Redis.Tests.Cluster;

static class ClusterFixture
{
    public static RedisConnectionOptions Options(
        ClusterServers cluster, string? user = null, string password = "", RedisTlsOptions? tls = null, string[]? endpoints = null) => new()
        {
            Endpoints = endpoints ?? [.. cluster.Servers.Select(server => server.Endpoint)],
            Topology = RedisTopology.Cluster,
            User = user,
            Password = new Secret(password),
            Tls = tls,
            ConnectTimeout = TimeSpan.FromSeconds(1),
        };

    public static SourceContext Context(ILoggerFactory log, Meter meter) => new()
    {
        Pipeline = "p",
        Instance = "in",
        LoggerFactory = log,
        TimeProvider = TimeProvider.System,
        Meter = meter,
    };

    public static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    /// <summary>Does what a source does at every new attempt: finds the owner of a key, and writes to it.</summary>
    public static async Task<string> WriteAsync(this RedisServers servers, string key, string value = "v")
    {
        await using var connection = await servers.ConnectAsync(Bytes(key), TestContext.Current.CancellationToken);
        await connection.DoAsync("SET", key, value);
        return connection.Endpoint;
    }

    /// <summary>Tries until it succeeds; false answers while it must not.</summary>
    public static async Task<bool> TryWriteAsync(this RedisServers servers, string key)
    {
        try
        {
            await servers.WriteAsync(key);
            return true;
        }
        catch (RedisClientException e) when (e.Kind == FailureKind.Transient)
        {
            return false;
        }
    }
}
