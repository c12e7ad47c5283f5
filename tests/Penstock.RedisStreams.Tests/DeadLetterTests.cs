using Penstock.Sources.RedisStreams;
using Penstock.TestServers;
using static Penstock.RedisStreams.Tests.Streams;

namespace Penstock.RedisStreams.Tests;

/// <summary>Entries that are handed out again and again, and never settled.</summary>
public sealed class DeadLetterTests
{
    [Fact]
    public async Task An_entry_that_was_handed_out_too_often_is_set_aside_and_only_then_acknowledged()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 3);
        for (var crash = 1; crash <= 3; crash++)
        {
            await using var crashing = new SourceReading(Create(server));
            await crashing.ReceivesWatermarksAsync(3);
            Assert.Equal([1, 2, 3], Numbers(crashing));
        }

        using var counter = new CounterReading(Samples.Meter, "penstock_source_dead_letters_total");

        // Where it cannot be written, it stays.
        redis.Send("SET", "dead", "text");
        await using (var refused = new SourceReading(Create(server)))
        {
            Assert.Contains("WRONGTYPE", (await refused.FailsAsync()).Message, StringComparison.Ordinal);
            Assert.Equal(3, Pending(redis, "in"));
        }

        redis.Send("DEL", "dead");
        await using var last = new SourceReading(Create(server));
        await last.ReceivesWatermarksAsync(3);
        Assert.Empty(last.Events);
        Assert.Equal(3, Pending(redis, "in"));
        await last.AcknowledgeAllAsync();

        Assert.Equal(0, Pending(redis, "in"));
        var letters = redis.Entries("dead").Select(entry => entry.Fields).ToList();
        Assert.Equal(["1700000000001-0", "1700000000002-0", "1700000000003-0"], letters.Select(letter => letter["dead-letter-id"]));
        Assert.All(letters, letter => Assert.Equal(("in", "g", "5"), (letter["dead-letter-stream"], letter["dead-letter-group"], letter["dead-letter-deliveries"])));
        Assert.Equal(["1", "2", "3"], letters.Select(letter => letter["n"]));
        Assert.Equal(3, counter.Sum);
    }

    [Fact]
    public async Task An_entry_that_was_taken_over_too_often_is_set_aside_too()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        redis.Send("XGROUP", "CREATE", "in", "g", "0", "MKSTREAM");
        Add(redis, "in", 1, 2);
        redis.Send("XREADGROUP", "GROUP", "g", "gone", "STREAMS", "in", ">");
        redis.Send("XCLAIM", "in", "g", "gone", "0", "1700000000001-0", "RETRYCOUNT", "9", "JUSTID");
        await using var heir = new SourceReading(Create(server, claimIdle: TimeSpan.FromMilliseconds(50)));
        await heir.ReceivesWatermarksAsync(2);
        await heir.AcknowledgeAllAsync();
        Assert.Equal([2], Numbers(heir));
        Assert.Equal("1700000000001-0", Assert.Single(redis.Entries("dead")).Fields["dead-letter-id"]);
        Assert.Equal(0, Pending(redis, "in"));
    }

    [Fact]
    public async Task What_a_reader_that_is_no_more_had_too_often_is_set_aside_too()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        redis.Send("XGROUP", "CREATE", "in", "g", "0", "MKSTREAM");
        Add(redis, "in", 1, 2);
        var former = FormerReaders.NameOf("penstock-orders-in", 1);
        redis.Send("XREADGROUP", "GROUP", "g", former, "STREAMS", "in", ">");
        redis.Send("XCLAIM", "in", "g", former, "0", "1700000000001-0", "RETRYCOUNT", "9", "JUSTID");
        await using var heir = new SourceReading(Create(server));
        await heir.ReceivesWatermarksAsync(2);
        Assert.Equal([2], Numbers(heir));
        Assert.Equal("1700000000001-0", Assert.Single(redis.Entries("dead")).Fields["dead-letter-id"]);
    }

    static IChangeSource Create(RedisServer server, TimeSpan? claimIdle = null) => SourceReading.Create(new RedisStreamsOptions
    {
        Connection = Samples.Connection(server),
        Streams = ["in"],
        Group = "g",
        Block = TimeSpan.FromMilliseconds(100),
        DeadLetterStream = "dead",
        MaxDeliveries = 3,
        ClaimIdle = claimIdle,
    });
}
