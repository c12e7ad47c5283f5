using Penstock.Sources.RedisStreams;
using Penstock.TestServers;
using static Penstock.RedisStreams.Tests.Streams;

namespace Penstock.RedisStreams.Tests;

/// <summary>What is removed from a stream, and what must stay.</summary>
public sealed class TrimTests
{
    [Fact]
    public async Task What_any_group_or_reader_still_needs_stays()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 20);
        redis.Send("XGROUP", "CREATE", "in", "other", "1700000000012-0");
        await using var reader = new SourceReading(Create(server, StreamsMode.Read, trim: null));
        await reader.ReceivesAsync(20);
        await using var member = new SourceReading(Create(server, StreamsMode.Group, new TrimOptions(), count: 5));
        await member.ReceivesWatermarksAsync(20);
        await TrimsAgainAsync(redis);
        Assert.Equal(20, Length(redis));

        // The member has acknowledged 1 to 5, and of the rest nothing; the reader's checkpoint covers nothing.
        await member.AcknowledgeAsync(member.Watermarks[0]);
        await TrimsAgainAsync(redis);
        Assert.Equal(20, Length(redis));
        await reader.AcknowledgeAsync(reader.LastMark);
        await Eventually.HoldsAsync(() => Length(redis) == 15, "what both have is gone");
        await member.AcknowledgeAllAsync();
        await Eventually.HoldsAsync(() => Length(redis) == 8, "what the third has not been given stays");
        await TrimsAgainAsync(redis);
        Assert.Equal("1700000000013-0", redis.Entries("in").First().Id);
        Assert.Empty(reader.Losses);
        Assert.Empty(member.Losses);
    }

    // In a comparison as text, 9 is behind 10.
    [Fact]
    public async Task Ids_are_compared_as_numbers()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        foreach (var id in (string[])["999-9", "1000-8", "1000-9", "1000-10", "18446744073709551614-18446744073709551614", "18446744073709551615-2", "18446744073709551615-18446744073709551614"])
        {
            redis.Send("XADD", "in", id, "n", "1");
        }

        redis.Send("XGROUP", "CREATE", "in", "eight", "1000-8");
        redis.Send("XGROUP", "CREATE", "in", "nine", "1000-9");
        await using var member = new SourceReading(Create(server, StreamsMode.Group, new TrimOptions()));
        await member.ReceivesWatermarksAsync(7);
        await member.AcknowledgeAllAsync();
        await Eventually.HoldsAsync(() => Length(redis) <= 5, "what all have is gone");
        await TrimsAgainAsync(redis);
        Assert.Equal("1000-9", redis.Entries("in").First().Id);
        redis.Send("XGROUP", "SETID", "in", "eight", "18446744073709551615-2");
        redis.Send("XGROUP", "SETID", "in", "nine", "18446744073709551614-18446744073709551614");

        // Beyond what Lua can add one to, an entry more than needed stays.
        await Eventually.HoldsAsync(() => Length(redis) == 3, "what all have is gone");
        await TrimsAgainAsync(redis);
        Assert.Equal("18446744073709551614-18446744073709551614", redis.Entries("in").First().Id);
    }

    [Fact]
    public async Task A_bound_removes_what_somebody_had_not_read_and_tells_how_much()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        using var unread = new CounterReading(Samples.Meter, "penstock_source_trimmed_unread_total");
        Add(redis, "in", 1, 20);
        redis.Send("XGROUP", "CREATE", "in", "abandoned", "1700000000005-0");
        redis.Send("SET", "penstock:lease:{in}:in:trim", "7:another host");
        var log = new LogLines();
        await using var member = new SourceReading(Create(server, StreamsMode.Group, new TrimOptions { MaxLength = 10 }, log: log));
        await member.ReceivesWatermarksAsync(20);
        await member.AcknowledgeAllAsync();
        redis.Send("DEL", "penstock:lease:{in}:in:trim");
        await Eventually.HoldsAsync(() => log.Lines.Count > 0, "it is told");
        Assert.Equal((10, 5), (Length(redis), unread.Sum));
        Assert.Contains(log.Lines, line => line.Text.Contains("5 entries of stream in were removed", StringComparison.Ordinal) && line.Text.Contains("group abandoned", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_old_entry_goes_at_its_age_and_a_host_without_the_lease_removes_nothing()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        redis.Send("SET", "penstock:lease:{in}:in:trim", "7:another host");
        Add(redis, "in", 1, 20);
        redis.Send("XGROUP", "CREATE", "in", "abandoned", "0");
        redis.Send("XADD", "in", "*", "n", "21");
        await using var member = new SourceReading(Create(server, StreamsMode.Group, new TrimOptions { MaxAge = TimeSpan.FromHours(1) }));
        await member.ReceivesWatermarksAsync(21);
        await member.AcknowledgeAllAsync();
        await LooksAgainAsync(redis);
        Assert.Equal(21, Length(redis));
        redis.Send("DEL", "penstock:lease:{in}:in:trim");
        await Eventually.HoldsAsync(() => Length(redis) == 1, "what is too old is gone");
    }

    [Fact]
    public async Task A_reader_that_may_not_tell_its_place_reads_all_the_same()
    {
        await using var server = await RedisServer.StartAsync(new() { ExtraLines = ["user app on >pw ~in -@all +hello +xread +xinfo|stream"] });
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 5);
        var log = new LogLines();
        await using var reading = new SourceReading(SourceReading.Create(server, ["in"], user: "app", password: "pw", log: log, mode: StreamsMode.Read));
        await reading.ReceivesAsync(5);
        Assert.Contains("cannot know what was read", Assert.Single(log.Lines).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_tells_what_is_checkpointed_also_when_it_was_read_again_from_further_on()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 5);
        var source = Create(server, StreamsMode.Read, trim: null);
        await using var first = new SourceReading(source);
        await first.ReceivesAsync(5);
        redis.Send("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
        await first.FailsAsync();

        // The host goes on after what it has received, of which nothing is settled yet.
        var before = Calls(redis, "hset");
        await using var second = new SourceReading(source, first.Checkpoint);
        await Eventually.HoldsAsync(() => Calls(redis, "hset") > before, "it is told again");
        Assert.Equal("0-0", Place(redis));
        await second.AcknowledgeAsync(first.LastMark);
        await Eventually.HoldsAsync(() => Place(redis) == "1700000000005-0", "it moves");
    }

    [Fact]
    public async Task A_place_that_the_server_has_lost_is_told_again()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        await using var reader = new SourceReading(Create(server, StreamsMode.Read, trim: null));
        await Eventually.HoldsAsync(() => Place(redis) is not null, "it is told");
        redis.Send("DEL", Places);
        await Eventually.HoldsAsync(() => Place(redis) is not null, "it is told again", TimeSpan.FromSeconds(15));
        Assert.Equal("0-0", Place(redis));
    }

    [Fact]
    [Trait("Scenario", "RS11")]
    public async Task A_server_without_memory_is_read_and_hears_the_place()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 5);
        redis.Send("CONFIG", "SET", "maxmemory", "1");
        var log = new LogLines();
        await using var reader = new SourceReading(Create(server, StreamsMode.Read, trim: null, log: log));
        await reader.ReceivesAsync(5);
        Assert.Equal([1, 2, 3, 4, 5], Numbers(reader));
        await Eventually.HoldsAsync(() => Place(redis) is not null, "it is told");
        Assert.Empty(log.Lines);
    }

    [Theory]
    [InlineData(StreamsMode.Group)]
    [InlineData(StreamsMode.Read)]
    [Trait("Scenario", "RS11")]
    public async Task A_trimmer_that_comes_to_a_server_without_memory_makes_room(StreamsMode mode)
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        if (mode == StreamsMode.Group)
        {
            redis.Send("XGROUP", "CREATE", "in", "g", "0", "MKSTREAM");
        }

        Add(redis, "in", 1, 5);
        redis.Send("CONFIG", "SET", "maxmemory", "1");
        await using var member = new SourceReading(Create(server, mode, new TrimOptions()));
        await member.ReceivesAsync(5);
        await Eventually.HoldsAsync(
            async () =>
            {
                await (mode == StreamsMode.Group ? member.AcknowledgeAllAsync() : member.AcknowledgeAsync(member.LastMark));
                return Length(redis) == 0;
            },
            "it is trimmed",
            TimeSpan.FromSeconds(15));
        Assert.Equal(5, member.Events.Count);
    }

    const string Places = "penstock:readers:{in}:in";

    static string? Place(PlainRedis redis) => (string?)redis.Send("HGET", Places, "orders/in");

    static long Length(PlainRedis redis) => redis.SendForNumber("XLEN", "in");

    static Task TrimsAgainAsync(PlainRedis redis)
    {
        var before = Calls(redis, "hgetall");
        return Eventually.HoldsAsync(() => Calls(redis, "hgetall") >= before + 2, "the stream was trimmed again");
    }

    static IChangeSource Create(RedisServer server, StreamsMode mode, TrimOptions? trim, int count = 1000, LogLines? log = null) => SourceReading.Create(
        new RedisStreamsOptions
        {
            Connection = Samples.Connection(server),
            Streams = ["in"],
            Mode = mode,
            Group = mode == StreamsMode.Group ? "g" : null,
            Block = TimeSpan.FromMilliseconds(50),
            Count = count,
            Trim = trim,
        },
        log);
}
