using System.Text;
using Penstock.Redis;
using Penstock.Sources.RedisStreams;
using Penstock.TestServers;
using static Penstock.RedisStreams.Tests.Streams;
using SinkOptions = Penstock.Sinks.RedisStreams.RedisStreamsOptions;
using SinkPlugin = Penstock.Sinks.RedisStreams.RedisStreamsPlugin;

namespace Penstock.RedisStreams.Tests;

/// <summary>Under Sentinel the source and the sink go on at the new primary.</summary>
public sealed class FailoverTests
{
    [Fact]
    [Trait("Scenario", "RS09")]
    public async Task The_source_goes_on_where_the_group_was()
    {
        await using var setup = await SentinelServers.StartAsync();
        using (var redis = new PlainRedis(setup.Servers[0].Port))
        {
            Add(redis, "in", 1, 100);
            await using var before = new SourceReading(Source(setup));
            await before.ReceivesWatermarksAsync(100);
            await before.AcknowledgeAllAsync();
            await setup.FailOverAsync();
            await before.FailsAsync();
        }

        using var other = new PlainRedis(setup.Servers[1].Port);
        Add(other, "in", 101, 200);
        await using var after = new SourceReading(Source(setup));
        await after.ReceivesWatermarksAsync(100);
        await after.AcknowledgeAllAsync();
        Assert.Equal(Enumerable.Range(101, 100), Numbers(after));
        Assert.Equal(0, Pending(other, "in"));
        Assert.Empty(after.Losses);
    }

    [Fact]
    public async Task The_sink_writes_to_the_new_primary()
    {
        await using var setup = await SentinelServers.StartAsync();
        await using var sink = new SinkPlugin().Create(
            new SinkOptions { Connection = Options(setup), Stream = "{subject}" }, Samples.SinkContext);
        await sink.OpenAsync(TestContext.Current.CancellationToken);
        await sink.WriteAsync(Samples.Events(10), TestContext.Current.CancellationToken);

        await setup.FailOverAsync();

        await Eventually.HoldsAsync(() => TryWriteAsync(sink, Samples.Event(11, "after"u8)), "the sink writes again");
        using var redis = new PlainRedis(setup.Servers[1].Port);
        Assert.Equal(11, redis.SendForNumber("XLEN", "out"));
    }

    // One by one, so that the old primary takes some after the replica has taken over: it does not know yet.
    [Fact]
    public async Task What_counted_as_delivered_is_at_the_new_primary()
    {
        await using var setup = await SentinelServers.StartAsync();
        await using var sink = new SinkPlugin().Create(
            new SinkOptions { Connection = Options(setup), WaitReplicas = 1, WaitTimeout = TimeSpan.FromMilliseconds(50) }, Samples.SinkContext);
        await sink.OpenAsync(TestContext.Current.CancellationToken);
        var delivered = new List<string>();
        var failover = Task.CompletedTask;
        for (var n = 1; n <= 2000; n++)
        {
            failover = n == 500 ? setup.FailOverAsync() : failover;
            var change = Samples.Event(n, Encoding.UTF8.GetBytes($"value {n}"));
            await Eventually.HoldsAsync(() => TryWriteAsync(sink, change), "the sink writes");
            delivered.Add(change.Id);
        }

        await failover;
        using var redis = new PlainRedis(setup.Servers[1].Port);
        var found = redis.Entries("out").Select(entry => entry.Fields["id"]).ToHashSet();
        Assert.DoesNotContain(delivered, id => !found.Contains(id));
    }

    static async Task<bool> TryWriteAsync(ISink sink, ChangeEvent change)
    {
        try
        {
            await sink.WriteAsync([change], TestContext.Current.CancellationToken);
            return true;
        }
        catch (PluginException e) when (e.Kind == FailureKind.Transient)
        {
            return false;
        }
    }

    static IChangeSource Source(SentinelServers setup) => new RedisStreamsPlugin().Create(
        new RedisStreamsOptions { Connection = Options(setup), Streams = ["in"], Group = "g", Block = TimeSpan.FromMilliseconds(100) },
        Samples.SourceContext);

    static RedisConnectionOptions Options(SentinelServers setup) => new()
    {
        Endpoints = [.. setup.Sentinels.Select(sentinel => sentinel.Endpoint)],
        Topology = RedisTopology.Sentinel,
        ServiceName = SentinelServers.Service,
        ConnectTimeout = TimeSpan.FromSeconds(1),
    };
}
