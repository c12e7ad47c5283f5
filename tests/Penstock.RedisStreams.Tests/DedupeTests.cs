using Microsoft.Extensions.Logging.Abstractions;
using Penstock.Redis;
using Penstock.Sources.RedisStreams;
using Penstock.TestServers;
using static Penstock.RedisStreams.Tests.Streams;
using SinkOptions = Penstock.Sinks.RedisStreams.RedisStreamsOptions;
using SinkPlugin = Penstock.Sinks.RedisStreams.RedisStreamsPlugin;

namespace Penstock.RedisStreams.Tests;

/// <summary>Duplicates inside the window are left out; those beyond it pass, and are counted.</summary>
public sealed class DedupeTests
{
    [Fact]
    [Trait("Scenario", "RT16")]
    public async Task A_duplicate_inside_the_window_is_left_out_and_an_older_one_passes()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        using var hits = new CounterReading(Samples.Meter, "penstock_source_duplicates_total");
        using var evictions = new CounterReading(Samples.Meter, "penstock_source_dedupe_evictions_total");
        foreach (var (n, id) in ((int[])[1, 2, 3, 2, 4, 1, 4]).Index())
        {
            redis.Send("XADD", "in", "*", "message", $"{{\"id\":{id}}}", "n", $"{n}");
        }

        redis.Send("XADD", "in", "*", "n", "7");
        redis.Send("XADD", "in", "*", "n", "8");
        await using var reading = new SourceReading(Create(server, new() { Window = 3, Field = "message/id" }));
        await reading.ReceivesWatermarksAsync(9);

        // Of the fourth id, 1 was forgotten; entries without an id all pass.
        Assert.Equal([0, 1, 2, 4, 5, 7, 8], Numbers(reading));
        Assert.Equal((2, 2), (hits.Sum, evictions.Sum));
        Assert.Equal(9, Pending(redis, "in"));
        await reading.AcknowledgeAllAsync();
        Assert.Equal(0, Pending(redis, "in"));
    }

    [Fact]
    public async Task What_the_sink_wrote_twice_is_known_by_the_events_id_and_nothing_else_is()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        await using var sink = new SinkPlugin().Create(new SinkOptions { Connection = Samples.Connection(server), Stream = "in" }, Samples.SinkContext);
        await sink.OpenAsync(TestContext.Current.CancellationToken);
        await sink.WriteAsync(Samples.Events(10), TestContext.Current.CancellationToken);
        await sink.WriteAsync(Samples.Events(10), TestContext.Current.CancellationToken);
        redis.Send("XADD", "in", "*", "id", "customer 1", "n", "1");
        redis.Send("XADD", "in", "*", "id", "customer 1", "n", "2");
        await using var reading = new SourceReading(Create(server, new() { Window = 1000 }));
        await reading.ReceivesWatermarksAsync(22);
        Assert.Equal(12, reading.Events.Count);
    }

    [Fact]
    public async Task A_restart_forgets_so_that_nothing_is_left_out_for_an_entry_that_was_not_settled()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        redis.Send("XADD", "in", "*", "id", "a", "n", "1");
        redis.Send("XADD", "in", "*", "id", "a", "n", "2");
        for (var start = 1; start <= 2; start++)
        {
            await using var crashing = new SourceReading(Create(server, new() { Window = 1000, Field = "id" }));
            await crashing.ReceivesWatermarksAsync(2);
            Assert.Equal([1], Numbers(crashing));
            Assert.Equal(2, Pending(redis, "in"));
        }
    }

    [Fact]
    public void An_entry_that_could_not_be_emitted_is_no_duplicate_of_itself_when_it_comes_again()
    {
        var inFlight = new InFlightEntries();
        var emitter = new EntryEmitter(
            inFlight, new EntryMapper(key: null, NullLogger.Instance), NullLogger.Instance, new DuplicateFilter(new() { Window = 10, Field = "n" }, Samples.SourceContext));
        var entries = ArrayOf(ArrayOf(Text("1-0"), ArrayOf(Text("n"), Text("1"))));
        var lost = new StreamState("in") { Lease = new Lease("lease", TimeProvider.System) };
        Assert.Throws<RedisConnectionException>(() => emitter.Emit(lost, entries, [], "server").Count());
        Assert.Null(emitter.Finish());
        Assert.Single(emitter.Emit(new StreamState("in"), entries, [], "server").OfType<ChangeEvent>());
    }

    static RespValue ArrayOf(params RespValue[] items) => RespValue.Aggregate(RespKind.Array, items, items.Length);

    static RespValue Text(string text)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        return RespValue.Slice(RespKind.String, bytes, 0, bytes.Length);
    }

    static IChangeSource Create(RedisServer server, DedupeOptions dedupe) => SourceReading.Create(new RedisStreamsOptions
    {
        Connection = Samples.Connection(server),
        Streams = ["in"],
        Group = "g",
        Block = TimeSpan.FromMilliseconds(100),
        Dedupe = dedupe,
    });
}
