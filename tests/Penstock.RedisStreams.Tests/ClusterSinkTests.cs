using System.Text;
using Penstock.Redis;
using Penstock.Sinks.RedisStreams;
using Penstock.TestServers;

namespace Penstock.RedisStreams.Tests;

/// <summary>The sink on a cluster: what a batch touches may lie anywhere, and may be on its way elsewhere.</summary>
public sealed class ClusterSinkTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_batch_goes_to_all_nodes_and_keeps_its_order_in_each_stream()
    {
        await using var cluster = await ClusterServers.StartAsync();
        await using var sink = await OpenAsync(cluster);
        ChangeEvent[] batch = [.. Enumerable.Range(1, 600).Select(n => Samples.Event(n, Encoding.UTF8.GetBytes($"value {n}"), $"s{n % 20}"))];

        await sink.WriteAsync(batch, Stop);

        foreach (var stream in batch.GroupBy(change => change.Subject))
        {
            Assert.Equal(stream.Select(change => change.Id), Ids(cluster, stream.Key));
        }

        // Each node has its share, and one connection.
        Assert.All(cluster.Servers, server => Assert.Equal(1, Clients(cluster, server)));
    }

    [Fact]
    public async Task A_slot_that_moves_is_followed_at_every_step_and_nothing_comes_twice()
    {
        await using var cluster = await ClusterServers.StartAsync();
        await using var sink = await OpenAsync(cluster);
        var (stream, fresh) = (cluster.KeyAt(0), "");
        var slot = cluster.SlotOf(stream);
        fresh = $"{{{stream}}}:new";
        var other = cluster.KeyAt(1);
        var n = 0;
        var written = new List<ChangeEvent>();
        async Task WriteAsync(string[] streams)
        {
            ChangeEvent[] batch = [.. streams.SelectMany(name => Enumerable.Range(0, 5).Select(_ => Samples.Event(++n, "v"u8, name)))];
            await sink.WriteAsync(batch, Stop);
            written.AddRange(batch);
        }

        var (from, to) = (cluster.Servers[0], cluster.Servers[1]);
        await WriteAsync([stream, other]);
        cluster.BeginMigration(slot, to);

        // The one that is there is written where it is, the one that is not there yet where the slot goes.
        await WriteAsync([stream, fresh, other]);
        cluster.MigrateKeys(slot, from, to);
        await WriteAsync([stream, fresh, other]);
        await cluster.EndMigrationAsync(slot, to);
        await WriteAsync([stream, fresh, other]);

        foreach (var group in written.GroupBy(change => change.Subject))
        {
            Assert.Equal(group.Select(change => change.Id), Ids(cluster, group.Key));
        }

        using var target = cluster.Client(to);
        Assert.Equal(20, target.SendForNumber("XLEN", stream));
    }

    [Fact]
    public async Task What_was_added_beside_a_failure_is_not_sent_again()
    {
        await using var cluster = await ClusterServers.StartAsync();
        await using var sink = await OpenAsync(cluster);
        var (good, full) = (cluster.KeyAt(0), cluster.KeyAt(1));
        using var redis = cluster.Client(cluster.Servers[1]);
        redis.Send("CONFIG", "SET", "maxmemory", "1");
        ChangeEvent[] batch = [.. Samples.Events(10, good), .. Samples.Events(10, full)];

        var error = await Assert.ThrowsAsync<PluginException>(async () => await sink.WriteAsync(batch, Stop));
        Assert.Equal(FailureKind.Transient, error.Kind);
        Assert.Contains("OOM", error.Message, StringComparison.Ordinal);
        Assert.Equal((10, 0), (Ids(cluster, good).Count, Ids(cluster, full).Count));
        redis.Send("CONFIG", "SET", "maxmemory", "0");
        await sink.WriteAsync(batch, Stop);

        Assert.Equal((10, 10), (Ids(cluster, good).Count, Ids(cluster, full).Count));

        // Another batch with the same streams is another one.
        await sink.WriteAsync(Samples.Events(10, good), Stop);
        Assert.Equal(20, Ids(cluster, good).Count);
    }

    [Fact]
    public async Task An_event_that_is_too_large_is_poison_and_those_before_it_are_written()
    {
        await using var cluster = await ClusterServers.StartAsync(extraLines: "proto-max-bulk-len 1mb");
        await using var sink = await OpenAsync(cluster);
        string[] streams = [cluster.KeyAt(0), cluster.KeyAt(1), cluster.KeyAt(2)];
        ChangeEvent[] batch = [.. Enumerable.Range(0, 30).Select(n => Samples.Event(n, new byte[n is 13 or 20 ? 1_100_000 : 10], streams[n % 3]))];

        var error = await Assert.ThrowsAsync<PluginException>(async () => await sink.WriteAsync(batch, Stop));

        Assert.Equal((FailureKind.Poison, 13), (error.Kind, error.EventIndex));
        Assert.Equal(batch[..13].Select(change => change.Id).Order(), streams.SelectMany(stream => Ids(cluster, stream)).Order());
        await sink.WriteAsync(batch[14..20], Stop);
        Assert.Equal(19, streams.Sum(stream => Ids(cluster, stream).Count));
    }

    [Fact]
    public async Task Replicas_are_waited_for_at_every_node()
    {
        await using var cluster = await ClusterServers.StartAsync(withReplicas: true);
        await using var sink = await OpenAsync(cluster, waitReplicas: 1);
        string[] streams = [cluster.KeyAt(0), cluster.KeyAt(1), cluster.KeyAt(2)];
        ChangeEvent[] batch = [.. Enumerable.Range(0, 30).Select(n => Samples.Event(n, "v"u8, streams[n % 3]))];

        await sink.WriteAsync(batch, Stop);

        for (var i = 0; i < 3; i++)
        {
            using var replica = cluster.Client(cluster.Servers[3 + i]);
            replica.Send("READONLY");
            Assert.Equal(10, replica.SendForNumber("XLEN", streams[i]));
        }
    }

    static async Task<ISink> OpenAsync(ClusterServers cluster, int waitReplicas = 0)
    {
        var sink = new RedisStreamsPlugin().Create(
            new()
            {
                Connection = new() { Endpoints = [cluster.Servers[2].Endpoint], Topology = RedisTopology.Cluster },
                WaitReplicas = waitReplicas,
            },
            Samples.SinkContext);
        await sink.OpenAsync(Stop);
        return sink;
    }

    static List<string> Ids(ClusterServers cluster, string stream)
    {
        using var redis = cluster.Client(cluster.PrimaryOf(stream));
        return [.. redis.Entries(stream).Select(entry => entry.Fields["id"])];
    }

    static int Clients(ClusterServers cluster, RedisServer server)
    {
        using var redis = cluster.Client(server);
        return $"{redis.Send("CLIENT", "LIST")}".Split('\n').Count(line => line.Contains("name=penstock:", StringComparison.Ordinal));
    }
}
