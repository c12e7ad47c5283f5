using System.Diagnostics.Metrics;
using Penstock.TestServers;
using static Penstock.Redis.Tests.Cluster.ClusterFixture;

namespace Penstock.Redis.Tests.Cluster;

/// <summary>Every key is found at its primary, wherever that has gone.</summary>
public sealed class ClusterTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_key_is_found_at_its_primary_whoever_is_asked()
    {
        await using var cluster = await ClusterServers.StartAsync();
        foreach (var seed in cluster.Servers)
        {
            var servers = RedisFixture.Servers(Options(cluster, endpoints: ["127.0.0.1:1", seed.Endpoint]));
            for (var n = 0; n < 30; n++)
            {
                Assert.Equal(cluster.PrimaryOf($"key{n}").Endpoint, await servers.WriteAsync($"key{n}"));
            }

            Assert.Equal(cluster.Servers.Select(server => server.Endpoint), (await servers.PrimariesAsync(Stop)).Select(primary => primary.ToString()));
            await using var any = await servers.ConnectAsync(Stop);
            Assert.Contains(any.Endpoint, cluster.Servers.Select(server => server.Endpoint));
        }
    }

    [Fact]
    public async Task A_slot_that_moves_is_followed_and_told_once()
    {
        await using var cluster = await ClusterServers.StartAsync();
        using var meter = new Meter("test");
        using var changes = new CounterReading(meter, "penstock_redis_topology_changes_total");
        var log = new LogLines();
        var servers = new RedisServers(Options(cluster), Context(log, meter));
        var (key, from, to) = (cluster.KeyAt(0), cluster.Servers[0], cluster.Servers[1]);
        var slot = cluster.SlotOf(key);
        await servers.WriteAsync(key);
        await using var before = await servers.ConnectAsync(Bytes(key), Stop);
        Assert.Equal(from.Endpoint, before.Endpoint);

        cluster.BeginMigration(slot, to);
        cluster.MigrateKeys(slot, from, to);
        var ask = await Assert.ThrowsAsync<RedisException>(async () => await before.DoAsync("GET", key));
        Assert.Equal((FailureKind.Transient, false, new Redirect(slot, RedisEndpoint.Parse(to.Endpoint), IsAsk: true)), (ask.Kind, ask.NeedsOtherServer, ask.Redirect(before.Endpoint)));
        await using (var target = await servers.ConnectToAsync(ask.Redirect(before.Endpoint)!.Value.Target, Stop))
        {
            await target.DoAsync("ASKING");
            Assert.Equal("v", (await target.DoAsync("GET", key)).AsText());
        }

        await cluster.EndMigrationAsync(slot, to);
        var moved = await Assert.ThrowsAsync<RedisException>(async () => await before.DoAsync("GET", key));
        Assert.Equal(
            (FailureKind.Transient, true, new Redirect(slot, RedisEndpoint.Parse(to.Endpoint), IsAsk: false)), (moved.Kind, moved.NeedsOtherServer, moved.Redirect(before.Endpoint)));
        Assert.Equal(to.Endpoint, await servers.WriteAsync(key));
        Assert.Equal(to.Endpoint, $"{await servers.OwnerOfAsync(slot, Stop)}");
        var line = Assert.Single(log.Lines).Text;
        Assert.Contains($"1 slots, the first {slot}, are served by {to.Endpoint} now, no longer by {from.Endpoint}", line, StringComparison.Ordinal);
        Assert.Equal(1, changes.Sum);
    }

    [Fact]
    public async Task A_new_primary_is_followed_after_an_orderly_failover_and_after_a_crash_each_told_once()
    {
        await using var cluster = await ClusterServers.StartAsync(withReplicas: true);
        using var meter = new Meter("test");
        using var changes = new CounterReading(meter, "penstock_redis_topology_changes_total");
        var log = new LogLines();
        var servers = new RedisServers(Options(cluster), Context(log, meter));
        var (key, first, second) = (cluster.KeyAt(0), cluster.Servers[0], cluster.Servers[3]);
        await using var before = await servers.ConnectAsync(Bytes(key), Stop);

        await cluster.FailOverAsync(first);

        var moved = await Assert.ThrowsAsync<RedisException>(async () => await before.DoAsync("SET", key, "v"));
        Assert.Equal((FailureKind.Transient, true), (moved.Kind, moved.NeedsOtherServer));
        await Eventually.HoldsAsync(() => servers.TryWriteAsync(key), "the key is written again");
        Assert.Equal(second.Endpoint, cluster.PrimaryOf(key).Endpoint);
        Assert.Equal(first, await cluster.ReplicaOfAsync(second));
        var line = Assert.Single(log.Lines).Text;
        Assert.Contains($"slots is {second.Endpoint} now, no longer {first.Endpoint}", line, StringComparison.Ordinal);

        await using var blocked = await servers.ConnectAsync(Bytes(key), Stop);
        second.Kill();
        await Assert.ThrowsAnyAsync<RedisClientException>(async () => await blocked.DoAsync("PING"));
        await Eventually.HoldsAsync(() => servers.TryWriteAsync(key), "the key is written again");
        Assert.Equal(first.Endpoint, await servers.WriteAsync(key));
        Assert.Contains($"slots is {first.Endpoint} now, no longer {second.Endpoint}", log.Lines.Single(other => other.Text != line).Text, StringComparison.Ordinal);
        Assert.Equal(2, changes.Sum);
    }

    [Fact]
    public async Task A_replica_is_refused_and_makes_the_map_doubtful()
    {
        await using var cluster = await ClusterServers.StartAsync(withReplicas: true);
        var servers = RedisFixture.Servers(Options(cluster));
        await servers.WriteAsync("k");

        var error = await Assert.ThrowsAsync<RedisConnectionException>(
            async () => await servers.ConnectToAsync(RedisEndpoint.Parse(cluster.Servers[3].Endpoint), Stop));

        Assert.Contains($"{cluster.Servers[3].Endpoint} is a replica", error.Message, StringComparison.Ordinal);
        Assert.Equal(FailureKind.Transient, error.Kind);
    }

    [Fact]
    public async Task A_cluster_without_a_majority_is_waited_for()
    {
        await using var cluster = await ClusterServers.StartAsync();
        var servers = RedisFixture.Servers(Options(cluster));
        var key = cluster.KeyAt(0);
        await using var connection = await servers.ConnectAsync(Bytes(key), Stop);
        cluster.Servers[1].Kill();
        cluster.Servers[2].Kill();
        RedisClientException? down = null;
        await Eventually.HoldsAsync(
            async () => (down = await Record.ExceptionAsync(async () => await connection.DoAsync("SET", key, "v")) as RedisClientException) is not null, "the cluster is down");
        Assert.Equal(("CLUSTERDOWN", FailureKind.Transient, true), (((RedisException)down!).Code, down.Kind, down.NeedsOtherServer));

        await cluster.Servers[1].RestartAsync();
        await cluster.Servers[2].RestartAsync();
        await Eventually.HoldsAsync(() => servers.TryWriteAsync(key), "the key is written again");
    }

    [Fact]
    public async Task What_does_not_fit_the_topology_is_told()
    {
        await using var cluster = await ClusterServers.StartAsync();
        await using var plain = await RedisServer.StartAsync();

        var node = await RefusedAsync(new() { Endpoints = [cluster.Servers[0].Endpoint] });
        Assert.Contains("is a node of a cluster. Set connection.topology to \"cluster\"", node.Message, StringComparison.Ordinal);
        var single = await RefusedAsync(new() { Endpoints = [plain.Endpoint], Topology = RedisTopology.Cluster });
        Assert.Contains("is no node of a cluster", single.Message, StringComparison.Ordinal);
        Assert.Equal((FailureKind.Permanent, FailureKind.Permanent), (node.Kind, single.Kind));
    }

    [Fact]
    public void A_cluster_has_neither_databases_nor_a_service()
    {
        var report = new ConfigReport();
        RedisConnectionValidator.Validate(
            new() { Endpoints = ["localhost:1"], Topology = RedisTopology.Cluster, Database = 1, ServiceName = "main" }, "/connection", report);
        Assert.Equal(["/connection/serviceName", "/connection/database"], report.Problems.Select(problem => problem.Pointer));
    }

    static async Task<RedisConnectionException> RefusedAsync(RedisConnectionOptions options) =>
        await Assert.ThrowsAsync<RedisConnectionException>(async () => await RedisFixture.ConnectAsync(options));
}
