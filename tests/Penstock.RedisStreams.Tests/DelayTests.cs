using Penstock.Sources.RedisStreams;
using Penstock.TestServers;
using static Penstock.RedisStreams.Tests.Streams;

namespace Penstock.RedisStreams.Tests;

/// <summary>Entries that are not delivered before they are old enough.</summary>
public sealed class DelayTests
{
    static readonly TimeSpan Delay = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData(StreamsMode.Group)]
    [InlineData(StreamsMode.Read)]
    public async Task An_entry_waits_in_the_stream_until_it_is_old_enough_by_the_servers_clock(StreamsMode mode)
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 25);
        redis.Send("XADD", "in", "*", "n", "26");
        redis.Send("XADD", "in", "*", "n", "27");
        redis.Send("XADD", "other", "*", "n", "28");
        await using var reading = new SourceReading(Create(server, mode, ["in", "other"]));
        await reading.ReceivesAsync(25);
        if (mode == StreamsMode.Group)
        {
            Assert.Equal(25, Pending(redis, "in"));
        }

        await reading.ReceivesAsync(28);
        Assert.Equal(Enumerable.Range(1, 27), reading.Events.Where(change => change.Subject == "in").Select(Number));
        Assert.All(reading.Events.Where(change => Number(change) > 25), change => Assert.True(ServerTime(redis) - change.OccurredAt >= Delay));
        redis.Send("XADD", "in", "*", "n", "29");
        var added = ServerTime(redis);
        await reading.ReceivesAsync(29);
        Assert.InRange(ServerTime(redis) - added, Delay - TimeSpan.FromMilliseconds(5), TimeSpan.FromMinutes(1));
        Assert.Empty(reading.Losses);
    }

    [Fact]
    public async Task Of_a_message_and_its_repair_one_comes()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        await using var reading = new SourceReading(SourceReading.Create(new RedisStreamsOptions
        {
            Connection = Samples.Connection(server),
            Streams = ["now", "later"],
            Group = "g",
            Delay = Delay,
            Delayed = ["later"],
            Dedupe = new() { Window = 100, Field = "n" },
        }));
        redis.Send("XADD", "later", "*", "n", "1");
        redis.Send("XADD", "now", "*", "n", "1");
        redis.Send("XADD", "later", "*", "n", "2");
        await reading.ReceivesAsync(1);
        Assert.Equal("now", Assert.Single(reading.Events).Subject);
        await reading.ReceivesWatermarksAsync(3);
        Assert.Equal([("now", 1), ("later", 2)], reading.Events.Select(change => (change.Subject, Number(change))));
    }

    [Fact]
    public void Only_streams_that_are_read_can_be_delayed()
    {
        var report = new ConfigReport();
        new RedisStreamsPlugin().Validate(
            new() { Connection = new() { Endpoints = ["localhost:1"] }, Streams = ["a"], Group = "g", Delayed = ["b"] }, report);
        Assert.Equal(["/delayed/0", "/delayed"], report.Problems.Select(problem => problem.Pointer));
    }

    [Fact]
    public async Task A_group_that_is_lost_while_everything_waits_is_made_again_and_reported()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        await using var reading = new SourceReading(Create(server, StreamsMode.Group, ["in"]));
        Add(redis, "in", 1, 3);
        await reading.ReceivesWatermarksAsync(3);
        redis.Send("DEL", "in");
        Add(redis, "in", 4, 5);
        await reading.ReceivesWatermarksAsync(5);
        Assert.Equal(LossCause.Deleted, Assert.Single(reading.Losses).Cause);
        await reading.StopAsync();
    }

    [Fact]
    public async Task What_one_stream_has_handed_out_is_delivered_when_the_group_of_the_next_is_lost()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        await using var reading = new SourceReading(Create(server, StreamsMode.Group, ["a", "b"]));
        Add(redis, "a", 1, 1);
        await reading.ReceivesWatermarksAsync(1);
        redis.Send("EVAL", "redis.call('DEL', 'b') redis.call('XADD', 'b', '1700000000009-0', 'n', '9') redis.call('XADD', 'a', '1700000000002-0', 'n', '2')", "0");
        await Eventually.HoldsAsync(() => reading.Losses.Count > 0, "the loss of the group is reported");
        Add(redis, "a", 3, 3);
        await Eventually.HoldsAsync(() => Numbers(reading).Contains(3), "reading goes on");
        Assert.Equal([1, 2, 3], reading.Events.Where(change => change.Subject == "a").Select(Number));
    }

    static DateTimeOffset ServerTime(PlainRedis redis)
    {
        var now = (object?[])redis.Send("TIME")!;
        return DateTimeOffset.FromUnixTimeMilliseconds((long.Parse((string)now[0]!) * 1000) + (long.Parse((string)now[1]!) / 1000));
    }

    static IChangeSource Create(RedisServer server, StreamsMode mode, string[] streams) => SourceReading.Create(new RedisStreamsOptions
    {
        Connection = Samples.Connection(server),
        Streams = streams,
        Mode = mode,
        Group = mode == StreamsMode.Group ? "g" : null,
        Block = TimeSpan.FromMilliseconds(50),
        Count = 10,
        Delay = Delay,
    });
}
