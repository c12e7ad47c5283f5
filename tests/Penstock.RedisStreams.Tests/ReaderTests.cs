using Penstock.Sources.RedisStreams;
using Penstock.TestServers;
using static Penstock.RedisStreams.Tests.Streams;

namespace Penstock.RedisStreams.Tests;

/// <summary>Several readers in one source.</summary>
public sealed class ReaderTests
{
    static readonly string[] Four = ["a", "b", "c", "d"];

    [Fact]
    public async Task Readers_of_a_group_share_its_entries_and_fewer_of_them_find_what_the_others_left()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        var source = Create(server, readers: 3, ["in"]);
        await using (var three = new SourceReading(source))
        {
            await Eventually.HoldsAsync(() => Blocked(redis) == 3, "all three wait for entries");
            Add(redis, "in", 1, 500);
            await three.ReceivesWatermarksAsync(500);
            Assert.Equal(Enumerable.Range(1, 500), Numbers(three).Order());
            Assert.Equal(["c", "c#2", "c#3"], Holders(redis));

            // Each acknowledges what it has read; the last few are left pending.
            await source.AcknowledgeAsync([.. three.Watermarks.SkipLast(3)], CancellationToken.None);
        }

        var left = Pending(redis, "in");
        Assert.InRange(left, 1, 499);
        await using var one = new SourceReading(Create(server, readers: 1, ["in"]));
        await one.ReceivesWatermarksAsync((int)left);
        await one.AcknowledgeAllAsync();
        Assert.Equal((left, 0L), (one.Events.Count, Pending(redis, "in")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task In_order_the_readers_share_the_streams(bool ordered)
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Array.ForEach(Four, stream => Add(redis, stream, 1, 300));
        await using var reading = new SourceReading(ordered
            ? Create(server, readers: 2, Four, ordered: true)
            : SourceReading.Create(
                new() { Connection = Samples.Connection(server), Streams = Four, Mode = StreamsMode.Read, Block = TimeSpan.FromMilliseconds(100), Count = 50 }, readers: 2));
        await reading.ReceivesAsync(1200);
        await Eventually.HoldsAsync(() => Blocked(redis) == 2, "two readers wait for more");
        Assert.All(Four, stream => Assert.Equal(Enumerable.Range(1, 300), reading.Events.Where(change => change.Subject == stream).Select(Number)));
    }

    [Fact]
    public async Task What_a_consumer_went_away_from_comes_once_when_it_returns()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Array.ForEach(Four, stream => Add(redis, stream, 1, 300));
        var source = Create(server, readers: 2, Four);
        var seen = new List<ChangeEvent>();
        await foreach (var message in source.ReadAsync([], CancellationToken.None))
        {
            if (message is ChangeEvent change)
            {
                seen.Add(change);
                if (seen.Count == 100)
                {
                    break;
                }
            }
        }

        await using var second = new SourceReading(source);
        await second.ReceivesAsync(1100);
        await Eventually.HoldsAsync(() => Blocked(redis) == 2, "nothing more is there");
        Assert.Equal(1200, seen.Concat(second.Events).Select(change => change.Position).Distinct().Count());
        Assert.Equal(1100, second.Events.Count);
    }

    [Fact]
    [Trait("Scenario", "RS22")]
    public async Task A_reader_that_is_killed_again_and_again_goes_on_by_itself_and_loses_nothing()
    {
        const int entries = 3000;
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        await using var host = SourceReading.AsAHost(Create(server, readers: 2, ["in"]));
        var kills = 0;
        for (var n = 1; n <= entries; n++)
        {
            Add(redis, "in", n, n);
            if (n % 100 == 0)
            {
                await Eventually.HoldsAsync(() => Blocked(redis) > 0, "a reader waits for entries");
                kills += Kill(redis);
            }
        }

        await Eventually.HoldsAsync(() => Pending(redis, "in") == 0 && host.Events.Select(Number).Distinct().Count() == entries, "every entry has come, and is acknowledged");
        Assert.True(kills >= entries / 100, $"{kills} readers were killed");
        Assert.Empty(host.Losses);
    }

    [Fact]
    [Trait("Scenario", "RS13")]
    public async Task A_server_that_hangs_for_longer_than_a_command_may_take_loses_nothing()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        var source = SourceReading.Create(new RedisStreamsOptions
        {
            Connection = new() { Endpoints = [server.Endpoint], ConnectTimeout = TimeSpan.FromMilliseconds(300), CommandTimeout = TimeSpan.FromMilliseconds(300) },
            Streams = ["in"],
            Group = "g",
            Block = TimeSpan.FromMilliseconds(100),
            Count = 10,
        });
        Add(redis, "in", 1, 200);
        await using var host = SourceReading.AsAHost(source);
        await host.ReceivesAsync(1);
        redis.Send("DEBUG", "SLEEP", "1");
        server.Freeze();
        var failures = host.Failures;
        await Eventually.HoldsAsync(() => host.Failures >= failures + 2, "reading has failed, and connecting again, too");
        server.Thaw();
        Add(redis, "in", 201, 210);
        await Eventually.HoldsAsync(() => Pending(redis, "in") == 0 && Numbers(host).Distinct().Count() == 210, "every entry has come, and is acknowledged");
        Assert.Empty(host.Losses);
    }

    // A reader may have read from a group that was made anew before the reader that made it has counted it.
    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 0)]
    public async Task Where_readers_share_a_stream_what_they_read_is_acknowledged_also_around_the_making_of_its_group(int readers, int pending)
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 5);
        await using var reading = new SourceReading(Create(server, readers, ["in"]));
        await reading.ReceivesWatermarksAsync(5);
        ((EntryBatch)reading.Watermarks[0].Tag!).Stream.Generation++;
        await reading.AcknowledgeAllAsync();
        Assert.Equal(pending, Pending(redis, "in"));
    }

    static int Kill(PlainRedis redis)
    {
        var kills = 0;
        foreach (var client in ((string)redis.Send("CLIENT", "LIST")!).Split('\n').Where(line => line.Contains("cmd=xreadgroup", StringComparison.Ordinal)))
        {
            var id = client.Split(' ')[0]["id=".Length..];
            kills += (int)redis.SendForNumber("CLIENT", "KILL", "ID", id);
        }

        return kills;
    }

    static string[] Holders(PlainRedis redis) =>
        [.. ((object?[])((object?[])redis.Send("XPENDING", "in", "g")!)[3]!).Select(consumer => (string)((object?[])consumer!)[0]!)];

    static int Blocked(PlainRedis redis) =>
        ((string)redis.Send("CLIENT", "LIST")!).Split('\n').Count(line => line.Contains(" flags=b ", StringComparison.Ordinal));

    static IChangeSource Create(RedisServer server, int readers, string[] streams, bool ordered = false) => SourceReading.Create(
        new RedisStreamsOptions
        {
            Connection = Samples.Connection(server),
            Streams = streams,
            Group = "g",
            Consumer = "c",
            Count = 20,
            Ordered = ordered,
            Block = TimeSpan.FromMilliseconds(500),
        },
        readers: readers);
}
