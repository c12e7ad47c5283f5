using Penstock.Sources.RedisStreams;
using Penstock.TestServers;
using static Penstock.RedisStreams.Tests.Streams;

namespace Penstock.RedisStreams.Tests;

/// <summary>Mode "read": no group, every entry in order, and the checkpoint decides where reading goes on.</summary>
public sealed class CursorTests
{
    [Fact]
    public async Task Every_entry_is_read_once_in_order_and_nothing_is_left_at_the_server()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "a", 1, 50);
        Add(redis, "b", 1, 3);
        IReadOnlyList<Watermark> checkpoint;
        await using (var first = new SourceReading(Create(server, ["a", "b"], count: 7)))
        {
            await first.ReceivesAsync(53);
            await first.StopAsync();
            checkpoint = first.Checkpoint;
            Assert.Equal(Enumerable.Range(1, 50), first.Events.Where(change => change.Subject == "a").Select(Number));
            Assert.Equal([1, 2, 3], first.Events.Where(change => change.Subject == "b").Select(Number));
        }

        Add(redis, "a", 51, 60);
        await using var second = new SourceReading(Create(server, ["a", "b"]), checkpoint);
        await second.ReceivesAsync(10);
        await LookAsync(redis);
        Assert.Equal(Enumerable.Range(51, 10), Numbers(second));
        Assert.Empty(second.Losses);
        Assert.Equal(0, Groups(redis, "a"));
    }

    [Fact]
    public async Task A_start_from_now_reads_what_comes_from_now_on()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 50);
        redis.Send("XTRIM", "in", "MAXLEN", "0");
        await using var reading = new SourceReading(Create(server, ["in"], start: "$"));
        await Eventually.HoldsAsync(() => reading.Beginnings.Count == 1, "it knows where it begins");
        Add(redis, "in", 51, 53);
        await reading.ReceivesAsync(3);
        await LookAsync(redis);
        Assert.Equal([51, 52, 53], Numbers(reading));
        Assert.Empty(reading.Losses);
    }

    [Fact]
    public async Task What_was_trimmed_before_it_was_read_is_reported_with_its_number()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 30);
        redis.Send("XTRIM", "in", "MAXLEN", "10");
        IReadOnlyList<Watermark> checkpoint;
        await using (var first = new SourceReading(Create(server, ["in"])))
        {
            // Gone before we came: no loss of ours.
            await first.ReceivesAsync(10);
            await LookAsync(redis);
            Assert.Empty(first.Losses);
            await first.StopAsync();
            checkpoint = first.Checkpoint;
        }

        Add(redis, "in", 31, 130);
        redis.Send("XTRIM", "in", "MAXLEN", "5");
        await using var second = new SourceReading(Create(server, ["in"]), checkpoint);
        await second.ReceivesAsync(5);
        await LookAsync(redis);
        var loss = Assert.Single(second.Losses);
        Assert.Equal((LossCause.Trimmed, 95, true), (loss.Cause, loss.Missed, loss.IsCertain));
        Assert.Equal(Enumerable.Range(126, 5), Numbers(second));
    }

    [Fact]
    [Trait("Scenario", "RS05")]
    public async Task A_stream_that_begins_again_with_lower_ids_stops_the_source()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 100, 105);
        await using var reading = new SourceReading(Create(server, ["in"]));
        await reading.ReceivesAsync(6);
        redis.Send("DEL", "in");
        Add(redis, "in", 1, 3);
        await Eventually.HoldsAsync(() => reading.Losses.Count == 1, "its going back is reported");
        Assert.Equal(LossCause.Recreated, reading.Losses[0].Cause);

        // After a failover to a server that lagged it could go on; not when lower ids come.
        Add(redis, "in", 4, 4);
        var error = await reading.FailsAsync();
        Assert.Equal(FailureKind.PositionLost, error.Kind);
        Assert.Contains("1700000000105-0", error.Message, StringComparison.Ordinal);
        Assert.Contains("positions reset", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_that_goes_on_after_it_was_deleted_is_a_loss_window()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 10);
        await using var reading = new SourceReading(Create(server, ["in"]));
        await reading.ReceivesAsync(10);
        await LookAsync(redis);

        AddAndTrim(redis, "in", 11, 40, anew: true);
        await reading.ReceivesAsync(40);
        await Eventually.HoldsAsync(() => reading.Losses.Count > 0, "the loss is reported");
        await LookAsync(redis);

        Assert.Equal(Enumerable.Range(1, 40), Numbers(reading));
        var loss = Assert.Single(reading.Losses);
        Assert.Equal((LossCause.Deleted, false, null), (loss.Cause, loss.IsCertain, loss.Missed));

        // What is trimmed from now on is counted again.
        AddAndTrim(redis, "in", 41, 50, keep: 4);
        await Eventually.HoldsAsync(() => reading.Losses.Count > 1, "the next loss is reported");
        Assert.Equal(6, reading.Losses[1].Missed);
    }

    [Fact]
    [Trait("Scenario", "RS05")]
    [Trait("Scenario", "RS09")]
    public async Task A_stream_that_lost_its_newest_entries_is_reported_and_read_on()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 10);
        await using var reading = new SourceReading(Create(server, ["in"]));
        await reading.ReceivesAsync(10);
        await LookAsync(redis);

        // What a replica that lagged by three entries would have.
        AddAndTrim(redis, "in", 1, 7, anew: true);
        await Eventually.HoldsAsync(() => reading.Losses.Count == 1, "it is reported");
        Add(redis, "in", 11, 12);
        await reading.ReceivesAsync(12);
        Assert.Equal([11, 12], Numbers(reading).Skip(10));
        Assert.Equal(LossCause.Recreated, reading.Losses[0].Cause);
    }

    [Fact]
    public async Task Without_the_right_to_look_it_does_not_read()
    {
        await using var server = await RedisServer.StartAsync(new() { ExtraLines = ["user app on >pw ~* -@all +hello +xread"] });
        await using var reading = new SourceReading(SourceReading.Create(server, ["in"], user: "app", password: "pw", mode: StreamsMode.Read));
        var error = await reading.FailsAsync();
        Assert.Equal(FailureKind.Permanent, error.Kind);
        Assert.Contains("ACL SETUSER", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_of_one_mode_are_refused_in_the_other()
    {
        var report = new ConfigReport();
        var plugin = new RedisStreamsPlugin();
        plugin.Validate(new() { Connection = new() { Endpoints = ["localhost:1"] }, Streams = ["s"] }, report);
        RedisStreamsOptions reads = new()
        {
            Connection = new() { Endpoints = ["localhost:1"] },
            Streams = ["s"],
            Mode = StreamsMode.Read,
            Group = "g",
            ClaimIdle = TimeSpan.FromSeconds(1),
        };
        plugin.Validate(reads, report);
        Assert.Equal(["/group", "/group", "/claimIdle"], report.Problems.Select(problem => problem.Pointer));
        Assert.Equal(PositionOrder.Partition, plugin.GetTraits(reads).PositionOrder);
    }

    static IChangeSource Create(RedisServer server, string[] streams, string start = "0", int count = 1000) =>
        SourceReading.Create(server, streams, start: start, count: count, mode: StreamsMode.Read);

    static Task LookAsync(PlainRedis redis) => LooksAgainAsync(redis, "xinfo|stream");
}
