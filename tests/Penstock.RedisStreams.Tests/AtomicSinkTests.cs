using Penstock.Redis;
using Penstock.Sinks.RedisStreams;
using Penstock.TestServers;

namespace Penstock.RedisStreams.Tests;

/// <summary>Entries and the lane's position are written as one, so that nothing comes twice.</summary>
public sealed class AtomicSinkTests
{
    const string PositionKey = "penstock:positions:{cdc}:orders/stream/0";

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Entries_are_as_without_it_and_the_position_is_the_last_one()
    {
        await using var server = await RedisServer.StartAsync();
        await using var plain = await OpenAsync(server, "plain:{subject}", atomic: false);
        await using var sink = await OpenAsync(server);
        await plain.WriteAsync(Samples.Events(100), Stop);
        await sink.WriteAsync(Samples.Events(100), Stop);

        using var redis = new PlainRedis(server.Port);
        Assert.Equal(redis.Entries("plain:out").Select(Text), redis.Entries("{cdc}:out").Select(Text));
        var stored = Assert.Single(await PositionsAsync(server));
        Assert.Equal(new StoredPosition("db", Samples.Event(100, "v"u8).Position), stored);
    }

    [Fact]
    [Trait("Scenario", "SR01")]
    public async Task A_batch_whose_answer_was_lost_is_not_added_twice()
    {
        await using var server = await RedisServer.StartAsync();
        await using var proxy = new TcpProxy(server.Port);
        await using var sink = Create(proxy.Endpoint, "{{cdc}}:{subject}");
        await sink.OpenAsync(Stop);
        await ((IResumableSink)sink).ReadPositionsAsync(Stop);
        using var redis = new PlainRedis(server.Port);
        var lost = 0;
        for (var batch = 0; batch < 100; batch++)
        {
            ChangeEvent[] events = [.. Enumerable.Range((batch * 10) + 1, 10).Select(n => Samples.Event(n, "v"u8))];
            var before = redis.SendForNumber("XLEN", "{cdc}:out");

            proxy.CutAnswerAfter(batch % 5);
            var failures = await WriteAsync(sink, events);
            lost += failures > 0 && redis.SendForNumber("XLEN", "{cdc}:out") == before + 10 ? 1 : 0;
        }

        Assert.Equal(Enumerable.Range(1, 1000).Select(n => Samples.Event(n, "v"u8).Id), redis.Entries("{cdc}:out").Select(entry => entry.Fields["id"]));
        Assert.InRange(lost, 50, 100);
    }

    [Fact]
    public async Task A_script_that_the_server_does_not_know_is_sent_again()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        await using var sink = await OpenAsync(server);
        for (var n = 1; n <= 10; n++)
        {
            redis.Send("SCRIPT", "FLUSH");
            await sink.WriteAsync([Samples.Event(n, "v"u8)], Stop);
        }

        Assert.Equal(10, redis.SendForNumber("XLEN", "{cdc}:out"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Scenario", "SR03")]
    public async Task A_position_that_went_back_while_it_runs_is_a_lost_position_and_nothing_is_added_behind_the_gap(bool isGone)
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        await using var sink = await OpenAsync(server);
        await sink.WriteAsync(Samples.Events(5), Stop);
        var before = redis.Send("HGET", PositionKey, "db/");
        await sink.WriteAsync(Samples.Events(10)[5..], Stop);

        // What an earlier copy of the data looks like.
        _ = isGone ? redis.Send("DEL", PositionKey) : redis.Send("HSET", PositionKey, "db/", $"{before}");
        var error = await Assert.ThrowsAsync<PluginException>(async () => await sink.WriteAsync(Samples.Events(15)[10..], Stop));

        Assert.Equal(FailureKind.PositionLost, error.Kind);
        Assert.Contains("SinkRewound", error.Message, StringComparison.Ordinal);
        Assert.Equal(10, redis.SendForNumber("XLEN", "{cdc}:out"));

        // Who opens it anew is told what is there, and goes on from that.
        await using var again = Create(server.Endpoint, "{{cdc}}:{subject}");
        await again.OpenAsync(Stop);
        var stored = await ((IResumableSink)again).ReadPositionsAsync(Stop);
        Assert.Equal(isGone ? [] : [new StoredPosition("db", Samples.Event(5, "v"u8).Position)], stored);
        await again.WriteAsync(Samples.Events(15)[(isGone ? 10 : 5)..], Stop);
        Assert.Equal(isGone ? 15 : 20, redis.SendForNumber("XLEN", "{cdc}:out"));
    }

    [Fact]
    public async Task An_error_in_the_middle_leaves_the_position_where_the_entries_end()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        redis.Send("SET", "{cdc}:b", "text");
        await using var sink = await OpenAsync(server);
        ChangeEvent[] batch = [.. Enumerable.Range(1, 9).Select(n => Samples.Event(n, "v"u8, n < 6 ? "a" : n < 8 ? "b" : "c"))];

        var error = await Assert.ThrowsAsync<PluginException>(async () => await sink.WriteAsync(batch, Stop));

        Assert.Equal(FailureKind.Permanent, error.Kind);
        Assert.Contains("WRONGTYPE", error.Message, StringComparison.Ordinal);
        Assert.Equal((5, 0), (redis.SendForNumber("XLEN", "{cdc}:a"), redis.SendForNumber("XLEN", "{cdc}:c")));
        Assert.Equal(batch[4].Position, Assert.Single(await PositionsAsync(server)).Position);
        redis.Send("DEL", "{cdc}:b");
        await sink.WriteAsync(batch, Stop);
        Assert.Equal((5, 2, 2), (redis.SendForNumber("XLEN", "{cdc}:a"), redis.SendForNumber("XLEN", "{cdc}:b"), redis.SendForNumber("XLEN", "{cdc}:c")));
    }

    [Fact]
    public async Task A_server_without_memory_adds_nothing_and_stores_no_position()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        await using var sink = await OpenAsync(server);
        await sink.WriteAsync(Samples.Events(3), Stop);
        redis.Send("CONFIG", "SET", "maxmemory", "1");

        var error = await Assert.ThrowsAsync<PluginException>(async () => await sink.WriteAsync(Samples.Events(9)[3..], Stop));

        Assert.Equal(FailureKind.Transient, error.Kind);
        Assert.Contains("OOM", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, redis.SendForNumber("XLEN", "{cdc}:out"));
        redis.Send("CONFIG", "SET", "maxmemory", "0");
        await sink.WriteAsync(Samples.Events(9)[3..], Stop);
        Assert.Equal(9, redis.SendForNumber("XLEN", "{cdc}:out"));
    }

    [Fact]
    public async Task A_replayed_dead_letter_is_added_and_moves_no_position()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        await using var sink = await OpenAsync(server);
        await sink.WriteAsync(Samples.Events(5), Stop);

        await sink.WriteAsync([Samples.Event(2, "v"u8, headers: new() { [EventHeaders.Replayed] = "now" })], Stop);

        Assert.Equal(6, redis.SendForNumber("XLEN", "{cdc}:out"));
        Assert.Equal(Samples.Event(5, "v"u8).Position, Assert.Single(await PositionsAsync(server)).Position);
        await sink.WriteAsync([Samples.Event(6, "v"u8)], Stop);
        Assert.Equal(7, redis.SendForNumber("XLEN", "{cdc}:out"));
    }

    [Fact]
    public async Task An_older_event_of_a_source_without_order_is_added_behind_newer_ones()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        await using var sink = await OpenAsync(server);
        var group = new EventOrigin("orders", "db", DeliveryGuarantee.AtLeastOnce) { PositionOrder = PositionOrder.None };

        // As a consumer group delivers what another member had left pending.
        await sink.WriteAsync([.. Enumerable.Range(6, 5).Select(n => Samples.Event(n, "v"u8, origin: group))], Stop);
        await sink.WriteAsync([Samples.Event(5, "v"u8, origin: group)], Stop);

        Assert.Equal([6, 7, 8, 9, 10, 5], redis.Entries("{cdc}:out").Select(entry => Array.FindIndex(Samples.Events(10), change => change.Id == entry.Fields["id"]) + 1));
        Assert.Empty(await PositionsAsync(server));

        // And beside one that has order.
        await sink.WriteAsync([Samples.Event(7, "v"u8), Samples.Event(4, "v"u8, origin: group), Samples.Event(7, "v"u8)], Stop);
        Assert.Equal(8, redis.SendForNumber("XLEN", "{cdc}:out"));
        Assert.Equal(Samples.Event(7, "v"u8).Position, Assert.Single(await PositionsAsync(server)).Position);
    }

    [Fact]
    public async Task Who_may_not_store_a_position_adds_nothing()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        redis.Send("ACL", "SETUSER", "few", "on", ">pw", "allkeys", "-@all", "+hello", "+ping", "+xadd", "+config|get", "+eval", "+evalsha", "+hget", "+hgetall");
        await using var sink = new RedisStreamsPlugin().Create(new() { Connection = Samples.Connection(server, "few", "pw"), Stream = "{{cdc}}:{subject}", Atomic = true }, Samples.SinkContext);
        await sink.OpenAsync(Stop);
        await ((IResumableSink)sink).ReadPositionsAsync(Stop);

        var error = await Assert.ThrowsAsync<PluginException>(async () => await sink.WriteAsync(Samples.Events(3), Stop));

        Assert.Equal(FailureKind.Permanent, error.Kind);
        Assert.Equal(0, redis.SendForNumber("XLEN", "{cdc}:out"));
        redis.Send("ACL", "SETUSER", "few", "+hset");
        await sink.WriteAsync(Samples.Events(3), Stop);
        Assert.Equal(3, redis.SendForNumber("XLEN", "{cdc}:out"));
    }

    [Fact]
    public async Task A_first_event_that_is_refused_leaves_no_position()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        redis.Send("SET", "{cdc}:out", "text");
        await using var sink = await OpenAsync(server);

        await Assert.ThrowsAsync<PluginException>(async () => await sink.WriteAsync(Samples.Events(3), Stop));

        Assert.Empty(await PositionsAsync(server));
        redis.Send("DEL", "{cdc}:out");
        await sink.WriteAsync(Samples.Events(3), Stop);
        Assert.Equal(3, redis.SendForNumber("XLEN", "{cdc}:out"));
    }

    [Fact]
    public async Task Streams_are_trimmed_and_an_event_that_is_too_large_is_poison()
    {
        await using var server = await RedisServer.StartAsync(new() { ExtraLines = ["proto-max-bulk-len 1mb"] });
        using var redis = new PlainRedis(server.Port);
        await using var sink = Create(server.Endpoint, "{{cdc}}:{subject}", maxLength: 3);
        await sink.OpenAsync(Stop);
        ChangeEvent[] batch = [.. Samples.Events(7), Samples.Event(8, new byte[1_100_000]), Samples.Event(9, "v"u8)];

        var error = await Assert.ThrowsAsync<PluginException>(async () => await sink.WriteAsync(batch, Stop));

        Assert.Equal((FailureKind.Poison, 7), (error.Kind, error.EventIndex));
        Assert.Equal(batch[4..7].Select(change => change.Id), redis.Entries("{cdc}:out").Select(entry => entry.Fields["id"]));
    }

    [Fact]
    public async Task A_key_of_somebody_else_is_not_taken_for_positions()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        redis.Send("HSET", PositionKey, "name", "value");
        await using var sink = Create(server.Endpoint, "{{cdc}}:{subject}");
        await sink.OpenAsync(Stop);
        var error = await Assert.ThrowsAsync<PluginException>(async () => await ((IResumableSink)sink).ReadPositionsAsync(Stop));
        Assert.Equal(FailureKind.Permanent, error.Kind);
        Assert.Contains(PositionKey, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_a_cluster_the_slot_is_followed_with_its_position()
    {
        await using var cluster = await ClusterServers.StartAsync();
        await using var sink = Create(cluster.Servers[0].Endpoint, "{{cdc}}:{subject}", RedisTopology.Cluster);
        await sink.OpenAsync(Stop);
        var slot = cluster.SlotOf("{cdc}");
        var (from, to) = (cluster.PrimaryOf(slot), cluster.Servers.First(server => server != cluster.PrimaryOf(slot)));
        ChangeEvent[] events = [.. Enumerable.Range(1, 50).Select(n => Samples.Event(n, "v"u8, $"s{n % 3}"))];
        await sink.WriteAsync(events[..10], Stop);
        cluster.BeginMigration(slot, to);
        await sink.WriteAsync(events[10..20], Stop);
        using (var source = cluster.Client(from))
        {
            // Some keys here, some there: nobody can run the script.
            source.Send("MIGRATE", "127.0.0.1", $"{to.Port}", "{cdc}:s1", "0", "5000");
        }

        var error = await Assert.ThrowsAsync<PluginException>(async () => await sink.WriteAsync(events[20..30], Stop));
        Assert.Equal(FailureKind.Transient, error.Kind);
        Assert.Contains("TRYAGAIN", error.Message, StringComparison.Ordinal);
        cluster.MigrateKeys(slot, from, to);
        await sink.WriteAsync(events[20..30], Stop);
        await sink.WriteAsync(events[30..40], Stop);
        await cluster.EndMigrationAsync(slot, to);
        await sink.WriteAsync(events[40..], Stop);

        using var redis = cluster.Client(to);
        foreach (var stream in events.GroupBy(change => change.Subject))
        {
            Assert.Equal(stream.Select(change => change.Id), redis.Entries($"{{cdc}}:{stream.Key}").Select(entry => entry.Fields["id"]));
        }

        Assert.Single((object?[])redis.Send("KEYS", "penstock:positions:*")!);
    }

    [Theory]
    [InlineData("{{cdc}}:{subject}:{key}", "penstock:", null)]
    [InlineData("orders", "penstock:", null)]
    [InlineData("a:{{cdc}}:{shard}", "penstock:", null)]
    [InlineData("{subject}", "penstock:", "begin stream with a hash tag")]
    [InlineData("{subject}:{{cdc}}", "penstock:", "begin stream with a hash tag")]
    [InlineData("{{}}:{subject}", "penstock:", "begin stream with a hash tag")]
    [InlineData("{{}}orders", "penstock:", "stand in the way")]
    [InlineData("orders", "{x}:", "stand in the way")]
    [InlineData("{{cdc}}:{subject}", "{cdc}", null)]
    public void In_a_cluster_all_streams_must_share_a_slot(string stream, string prefix, string? problem)
    {
        foreach (var topology in new[] { RedisTopology.Cluster, RedisTopology.Standalone })
        {
            var report = new ConfigReport();
            var options = new RedisStreamsOptions
            {
                Connection = new() { Endpoints = ["localhost:1"], Topology = topology, KeyPrefix = prefix },
                Stream = stream,
                Shards = stream.Contains("shard", StringComparison.Ordinal) ? 2 : 1,
                Atomic = true,
            };
            new RedisStreamsPlugin().Validate(options, report);
            Assert.Equal(problem is not null && topology == RedisTopology.Cluster, report.Problems.Count > 0);
            Assert.All(report.Problems, found => Assert.Equal(("/atomic", true), (found.Pointer, found.Message.Contains(problem!, StringComparison.Ordinal))));
        }
    }

    [Fact]
    public void Only_with_it_positions_are_stored()
    {
        var plugin = new RedisStreamsPlugin();
        var (plain, atomic) = (plugin.GetTraits(new() { Connection = new() { Endpoints = ["localhost:1"] } }), plugin.GetTraits(new() { Connection = new() { Endpoints = ["localhost:1"] }, Atomic = true }));
        Assert.False(plain.StoresPositions || plain.MissingPositionIsLoss);
        Assert.True(atomic.StoresPositions && atomic.MissingPositionIsLoss);
    }

    static string Text((string Id, Dictionary<string, string> Fields) entry) => string.Join('|', entry.Fields.Select(field => $"{field.Key}={field.Value}"));

    static async Task<ISink> OpenAsync(RedisServer server, string stream = "{{cdc}}:{subject}", bool atomic = true)
    {
        var sink = Create(server.Endpoint, stream, atomic: atomic);
        await sink.OpenAsync(Stop);
        return sink;
    }

    static ISink Create(string endpoint, string stream, RedisTopology topology = RedisTopology.Standalone, bool atomic = true, int? maxLength = null) =>
        new RedisStreamsPlugin().Create(
            new()
            {
                Connection = new() { Endpoints = [endpoint], Topology = topology },
                Stream = stream,
                Atomic = atomic,
                MaxLength = maxLength,
                ExactTrim = maxLength is not null,
            },
            Samples.SinkContext);

    static async Task<IReadOnlyList<StoredPosition>> PositionsAsync(RedisServer server)
    {
        await using var sink = await OpenAsync(server);
        return await ((IResumableSink)sink).ReadPositionsAsync(Stop);
    }

    // As the host does: until it succeeds. Returns how often it did not.
    static async Task<int> WriteAsync(ISink sink, ChangeEvent[] batch)
    {
        for (var failures = 0; ; failures++)
        {
            try
            {
                await sink.WriteAsync(batch, Stop);
                return failures;
            }
            catch (PluginException e) when (e.Kind == FailureKind.Transient)
            {
                await Eventually.BackOffAsync();
            }
        }
    }
}
