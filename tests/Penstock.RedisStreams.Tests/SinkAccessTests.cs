using Penstock.Redis;
using Penstock.Sinks.RedisStreams;
using Penstock.TestServers;

namespace Penstock.RedisStreams.Tests;

/// <summary>The sink with certificates, a user of few rights, and the wrong ones.</summary>
public sealed class SinkAccessTests
{
    // What the README asks for, with the options that ask for most.
    const string Rights = "user penstock on >pw ~cdc:* ~{cdc}:* ~penstock:positions:* resetchannels -@all "
        + "+hello +ping +xadd +multi +exec +config|get +wait +cluster|shards +asking +eval +evalsha +hget +hset +hgetall";

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task On_a_cluster_certificates_and_the_documented_rights_are_enough_also_when_a_slot_moves(bool atomic)
    {
        await using var cluster = await ClusterServers.StartAsync(withReplicas: true, tls: true, requireClientCertificate: true, extraLines: Rights);
        var certificates = cluster.Certificates!;
        var tls = new RedisTlsOptions { CaFile = certificates.Authority, CertificateFile = certificates.ClientCertificate, KeyFile = certificates.ClientKey };
        await using var sink = Create(Connection(cluster, "pw", tls), atomic);
        await sink.OpenAsync(Stop);
        _ = sink is IResumableSink resumable ? await resumable.ReadPositionsAsync(Stop) : null;
        var stream = atomic ? "{cdc}:out" : "cdc:out";
        var slot = cluster.SlotOf(stream);
        var to = cluster.Servers.Take(3).First(server => server != cluster.PrimaryOf(slot));

        await sink.WriteAsync(Samples.Events(10), Stop);
        await cluster.MigrateAsync(slot, to);
        await sink.WriteAsync(Samples.Events(20)[10..], Stop);

        using var redis = cluster.Client(to);
        Assert.Equal(Samples.Events(20).Select(change => change.Id), redis.Entries(stream).Select(entry => entry.Fields["id"]));
    }

    [Theory]
    [InlineData(nameof(RedisTopology.Standalone), "WRONGPASS")]
    [InlineData(nameof(RedisTopology.Standalone), "NOAUTH")]
    [InlineData(nameof(RedisTopology.Sentinel), "WRONGPASS")]
    [InlineData(nameof(RedisTopology.Sentinel), "NOAUTH")]
    [InlineData(nameof(RedisTopology.Cluster), "WRONGPASS")]
    [InlineData(nameof(RedisTopology.Cluster), "NOAUTH")]
    [Trait("Scenario", "SR02")]
    public async Task Who_is_not_let_in_is_told_at_once_and_does_not_try_again(string topology, string code)
    {
        await using var standalone = topology == nameof(RedisTopology.Standalone) ? await RedisServer.StartAsync(new() { Password = "right" }) : null;
        await using var sentinel = topology == nameof(RedisTopology.Sentinel) ? await SentinelServers.StartAsync("right") : null;
        await using var cluster = topology == nameof(RedisTopology.Cluster) ? await ClusterServers.StartAsync(password: "right") : null;
        var servers = standalone is not null ? [standalone] : sentinel?.Sentinels ?? cluster!.Servers;
        await using var sink = Create(
            new()
            {
                Endpoints = [.. servers.Select(server => server.Endpoint)],
                Topology = Enum.Parse<RedisTopology>(topology),
                ServiceName = sentinel is null ? null : SentinelServers.Service,
                Password = new Secret(code == "NOAUTH" ? "" : "c4nary"),
            },
            atomic: false);

        var error = await Assert.ThrowsAsync<PluginException>(async () => await sink.OpenAsync(Stop));

        Assert.Equal(FailureKind.Permanent, error.Kind);
        Assert.Contains(code, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("c4nary", error.ToString(), StringComparison.Ordinal);
    }

    static RedisConnectionOptions Connection(ClusterServers cluster, string password, RedisTlsOptions tls) => new()
    {
        Endpoints = [.. cluster.Servers.Select(server => server.Endpoint)],
        Topology = RedisTopology.Cluster,
        User = "penstock",
        Password = new Secret(password),
        Tls = tls,
    };

    static ISink Create(RedisConnectionOptions connection, bool atomic) => new RedisStreamsPlugin().Create(
        new() { Connection = connection, Stream = atomic ? "{{cdc}}:{subject}" : "cdc:{subject}", Atomic = atomic, WaitReplicas = atomic ? 1 : 0 },
        Samples.SinkContext);
}
