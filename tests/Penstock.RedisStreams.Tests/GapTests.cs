using Penstock.TestServers;
using static Penstock.RedisStreams.Tests.Streams;

namespace Penstock.RedisStreams.Tests;

/// <summary>Entries that leave a stream before the group has read them are counted, each once.</summary>
public sealed class GapTests
{
    const int Read = 100;
    const int Lost = 1234;

    [Fact]
    [Trait("Scenario", "RS02")]
    public async Task What_was_trimmed_while_nobody_read_is_reported_once_with_its_exact_number()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, Read);
        IReadOnlyList<Watermark> checkpoint;
        await using (var before = new SourceReading(SourceReading.Create(server, ["in"])))
        {
            await before.ReceivesWatermarksAsync(Read);
            await before.AcknowledgeAllAsync();
            checkpoint = before.Checkpoint;
            Assert.Empty(before.Losses);
        }

        Add(redis, "in", Read + 1, Read + Lost + 10);
        redis.Send("XTRIM", "in", "MAXLEN", "10");
        await using (var after = new SourceReading(SourceReading.Create(server, ["in"]), checkpoint))
        {
            await after.ReceivesWatermarksAsync(10);
            await after.AcknowledgeAllAsync();
            var loss = Assert.Single(after.Losses);
            Assert.Equal((LossCause.Trimmed, Lost, true, "in"), (loss.Cause, loss.Missed, loss.IsCertain, loss.Subject));
            Assert.Equal(
                (DateTimeOffset.FromUnixTimeMilliseconds(1700000000000 + Read), DateTimeOffset.FromUnixTimeMilliseconds(1700000000000 + Read + Lost + 1)),
                (loss.OpenedAt, loss.ClosedAt));
            checkpoint = after.Checkpoint;
        }

        // Only what is new is reported the next time.
        Add(redis, "in", 2001, 2005);
        redis.Send("XTRIM", "in", "MAXLEN", "2");
        await using var last = new SourceReading(SourceReading.Create(server, ["in"]), checkpoint);
        await last.ReceivesWatermarksAsync(2);
        Assert.Equal(3, Assert.Single(last.Losses).Missed);
        Assert.Equal([2004, 2005], Numbers(last));
    }

    [Fact]
    [Trait("Scenario", "RS02")]
    public async Task What_is_trimmed_at_once_is_reported_while_reading_goes_on()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        await using var reading = new SourceReading(SourceReading.Create(server, ["in"]));
        await Eventually.HoldsAsync(() => redis.Send("EXISTS", "in") is 1L, "the group exists");
        Add(redis, "in", 1, 5);
        await reading.ReceivesWatermarksAsync(5);

        AddAndTrim(redis, "in", 6, 15, keep: 3);

        await Eventually.HoldsAsync(() => reading.Losses.Count > 0, "the loss is reported");
        Assert.Equal(7, Assert.Single(reading.Losses).Missed);
        await reading.ReceivesWatermarksAsync(8);
        Assert.Equal([1, 2, 3, 4, 5, 13, 14, 15], Numbers(reading));
    }

    [Fact]
    public async Task Trimming_what_was_read_and_groups_that_lag_are_no_loss()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        redis.Send("XGROUP", "CREATE", "in", "laggard", "0", "MKSTREAM");
        IReadOnlyList<Watermark> checkpoint = [];
        for (var round = 0; round < 3; round++)
        {
            Add(redis, "in", (round * 10) + 1, (round * 10) + 10);
            await using var reading = new SourceReading(SourceReading.Create(server, ["in"], count: 3), checkpoint);
            await reading.ReceivesWatermarksAsync(10);
            await reading.AcknowledgeAllAsync();
            redis.Send("XTRIM", "in", "MAXLEN", "2");
            await LooksAgainAsync(redis);
            Assert.Empty(reading.Losses);
            checkpoint = reading.Checkpoint;
        }
    }

    [Fact]
    [Trait("Scenario", "RS18")]
    public async Task What_was_gone_before_the_group_was_made_is_no_loss_and_what_goes_after_it_is()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        foreach (var start in (string[])["0", "$"])
        {
            Add(redis, start, 1, 50);
            redis.Send("XTRIM", start, "MAXLEN", "10");
        }

        var source = SourceReading.Create(server, ["0"]);
        await using var all = new SourceReading(source);
        await all.ReceivesWatermarksAsync(10);
        await using var fresh = new SourceReading(SourceReading.Create(server, ["$"], start: "$"));
        await Eventually.HoldsAsync(() => Groups(redis, "$") == 1, "the group exists");
        await LooksAgainAsync(redis);
        Assert.Empty(all.Losses);
        Assert.Empty(fresh.Losses);

        foreach (var start in (string[])["0", "$"])
        {
            AddAndTrim(redis, start, 51, 60, keep: 2);
        }

        await Eventually.HoldsAsync(() => all.Losses.Count > 0 && fresh.Losses.Count > 0, "the losses are reported");
        Assert.Equal(8, Assert.Single(all.Losses).Missed);
        Assert.Equal(8, Assert.Single(fresh.Losses).Missed);
    }

    [Fact]
    [Trait("Scenario", "RS05")]
    public async Task A_stream_that_begins_again_with_lower_ids_is_reported_and_read()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 100, 105);
        await using var reading = new SourceReading(SourceReading.Create(server, ["in"]));
        await reading.ReceivesWatermarksAsync(6);
        await LooksAgainAsync(redis);
        Assert.Empty(reading.Losses);

        redis.Send(
            "EVAL", "redis.call('DEL', 'in') redis.call('XGROUP', 'CREATE', 'in', 'g', '0', 'MKSTREAM') redis.call('XADD', 'in', '5-0', 'n', '5')", "0");
        await Eventually.HoldsAsync(() => reading.Losses.Count > 0, "the stream's going back is reported");
        await LooksAgainAsync(redis);

        Assert.Equal(5, Numbers(reading).Last());
        var loss = Assert.Single(reading.Losses);
        Assert.Equal((LossCause.Recreated, false, null), (loss.Cause, loss.IsCertain, loss.Missed));
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1700000000105), loss.OpenedAt);
    }

    [Fact]
    [Trait("Scenario", "RS17")]
    public async Task A_group_that_is_sent_back_to_the_beginning_has_lost_nothing()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 50);
        IReadOnlyList<Watermark> checkpoint;
        await using (var before = new SourceReading(SourceReading.Create(server, ["in"])))
        {
            await before.ReceivesWatermarksAsync(50);
            await before.AcknowledgeAllAsync();
            await LooksAgainAsync(redis);
            checkpoint = before.Checkpoint;
        }

        redis.Send("XTRIM", "in", "MAXLEN", "10");
        redis.Send("XGROUP", "SETID", "in", "g", "0");
        await using var after = new SourceReading(SourceReading.Create(server, ["in"]), checkpoint);
        await after.ReceivesWatermarksAsync(10);
        await LooksAgainAsync(redis);
        Assert.Equal(Enumerable.Range(41, 10), Numbers(after));
        Assert.Empty(after.Losses);
    }

    [Fact]
    public async Task A_transaction_that_cannot_be_ended_is_told_and_not_read_behind()
    {
        await using var server = await RedisServer.StartAsync(
            new() { ExtraLines = ["user app on >pw ~* -@all +hello +xreadgroup +xack +xgroup|create +multi +xinfo|stream +xinfo|groups"] });
        await using var reading = new SourceReading(SourceReading.Create(server, ["in"], user: "app", password: "pw"));
        var error = await reading.FailsAsync();
        Assert.Equal(FailureKind.Permanent, error.Kind);
        Assert.Contains("grant +exec", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_right_to_look_reading_goes_on_and_says_what_goes_unseen()
    {
        await using var server = await RedisServer.StartAsync(
            new() { ExtraLines = ["user app on >pw ~* -@all +hello +xreadgroup +xack +xgroup|create"] });
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 5);
        var log = new LogLines();
        await using var reading = new SourceReading(SourceReading.Create(server, ["in"], user: "app", password: "pw", log: log));
        await reading.ReceivesWatermarksAsync(5);
        await Eventually.HoldsAsync(() => log.Lines.Any(line => line.Text.Contains("go unnoticed", StringComparison.Ordinal)), "it is told");
        Assert.Single(log.Lines);
    }
}
