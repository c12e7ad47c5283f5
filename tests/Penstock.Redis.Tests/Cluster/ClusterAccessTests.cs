using Penstock.TestServers;
using static Penstock.Redis.Tests.Cluster.ClusterFixture;

namespace Penstock.Redis.Tests.Cluster;

/// <summary>A cluster with certificates, passwords and rights.</summary>
public sealed class ClusterAccessTests
{
    const string Rights = "user app on >pw ~* &* -@all +hello +set +ping";

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_node_is_found_by_its_tls_port_and_shown_our_certificate()
    {
        await using var cluster = await ClusterServers.StartAsync(password: "secret", tls: true, requireClientCertificate: true);
        var certificates = cluster.Certificates!;
        var tls = new RedisTlsOptions { CaFile = certificates.Authority, CertificateFile = certificates.ClientCertificate, KeyFile = certificates.ClientKey };
        var servers = RedisFixture.Servers(Options(cluster, password: "secret", tls: tls, endpoints: [cluster.Servers[0].Endpoint]));
        foreach (var index in new[] { 0, 1, 2 })
        {
            Assert.Equal(cluster.Servers[index].Endpoint, await servers.WriteAsync(cluster.KeyAt(index)));
        }

        var key = cluster.KeyAt(0);
        await using var before = await servers.ConnectAsync(Bytes(key), Stop);
        await cluster.MigrateAsync(cluster.SlotOf(key), cluster.Servers[2]);
        var moved = await Assert.ThrowsAsync<RedisException>(async () => await before.DoAsync("SET", key, "v"));
        Assert.Equal(cluster.Servers[2].Endpoint, $"{moved.Redirect(before.Endpoint)!.Value.Target}");
        Assert.Equal(cluster.Servers[2].Endpoint, await servers.WriteAsync(key));

        var bare = RedisFixture.Servers(Options(cluster, password: "secret", tls: new() { CaFile = certificates.Authority }));
        await Assert.ThrowsAnyAsync<RedisConnectionException>(async () => await bare.ConnectAsync(Stop));
        using var elsewhere = new TempDirectory("tls");
        var stranger = RedisFixture.Servers(Options(cluster, password: "secret", tls: new() { CaFile = TestCertificates.Create(elsewhere.Path).Authority }));
        Assert.Equal(FailureKind.Permanent, (await Assert.ThrowsAsync<RedisConnectionException>(async () => await stranger.ConnectAsync(Stop))).Kind);
    }

    [Theory]
    [InlineData("+cluster|shards")]
    [InlineData("+cluster|slots")]
    public async Task Either_of_two_rights_is_enough(string right)
    {
        await using var cluster = await ClusterServers.StartAsync(extraLines: $"{Rights} {right}");
        var servers = RedisFixture.Servers(Options(cluster, "app", "pw"));
        foreach (var index in new[] { 0, 1, 2 })
        {
            Assert.Equal(cluster.Servers[index].Endpoint, await servers.WriteAsync(cluster.KeyAt(index)));
        }
    }

    [Fact]
    public async Task Without_both_the_missing_right_is_named()
    {
        await using var cluster = await ClusterServers.StartAsync(extraLines: Rights);
        var servers = RedisFixture.Servers(Options(cluster, "app", "pw"));
        var error = await Assert.ThrowsAsync<RedisConnectionException>(async () => await servers.ConnectAsync(Bytes("k"), Stop));
        Assert.Equal(FailureKind.Permanent, error.Kind);
        Assert.Contains("Grant +cluster|shards (or +cluster|slots) to connection.user", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cluster-preferred-endpoint-type unknown-endpoint")]
    [InlineData("cluster-preferred-endpoint-type hostname")]
    [InlineData("cluster-preferred-endpoint-type hostname", "cluster-announce-hostname localhost")]
    public async Task Nodes_that_hide_their_address_are_where_they_were_asked_and_hostnames_are_used(params string[] lines)
    {
        await using var cluster = await ClusterServers.StartAsync(extraLines: lines);
        var servers = RedisFixture.Servers(Options(cluster));
        foreach (var server in cluster.Servers)
        {
            var index = cluster.Servers.Index().First(pair => pair.Item == server).Index;
            Assert.EndsWith($":{server.Port}", await servers.WriteAsync(cluster.KeyAt(index)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_wrong_password_is_told_at_once()
    {
        await using var cluster = await ClusterServers.StartAsync(password: "secret");
        var servers = RedisFixture.Servers(Options(cluster, password: "c4nary"));
        var error = await Assert.ThrowsAsync<RedisException>(async () => await servers.ConnectAsync(Bytes("k"), Stop));
        Assert.Equal(("WRONGPASS", FailureKind.Permanent), (error.Code, error.Kind));
        Assert.DoesNotContain("c4nary", error.ToString(), StringComparison.Ordinal);
    }
}
