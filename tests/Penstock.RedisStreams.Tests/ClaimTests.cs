using Penstock.TestServers;
using static Penstock.RedisStreams.Tests.Streams;

namespace Penstock.RedisStreams.Tests;

/// <summary>What a consumer that is gone for good has left pending.</summary>
public sealed class ClaimTests
{
    static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(200);

    [Fact]
    [Trait("Scenario", "RS06")]
    public async Task Another_consumer_takes_over_what_was_left_pending()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 25);
        await LeavePendingAsync(server, 25);

        // Several pages of ten.
        await using var heir = new SourceReading(SourceReading.Create(server, ["in"], count: 10, consumer: "heir", claimIdle: Idle));
        await heir.ReceivesWatermarksAsync(25);
        await heir.AcknowledgeAllAsync();

        Assert.Equal(Enumerable.Range(1, 25), Numbers(heir).Order());
        Assert.Equal(0, Pending(redis, "in"));
    }

    [Fact]
    public async Task Without_claimIdle_nothing_is_taken_over()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 5);
        await LeavePendingAsync(server, 5);
        await Eventually.HoldsAsync(() => redis.Send("XPENDING", "in", "g", "IDLE", "1000", "-", "+", "10") is object?[] { Length: 5 }, "all are idle");

        await using var other = new SourceReading(SourceReading.Create(server, ["in"], consumer: "other"));
        Add(redis, "in", 6, 7);
        await other.ReceivesWatermarksAsync(2);

        Assert.Equal([6, 7], Numbers(other));
        Assert.Equal(7, Pending(redis, "in"));
    }

    [Fact]
    public async Task What_is_in_flight_here_is_not_emitted_twice()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 5);
        await using var slow = new SourceReading(SourceReading.Create(server, ["in"], consumer: "slow", block: "20ms", claimIdle: Idle));
        await slow.ReceivesWatermarksAsync(5);

        // As after a pause of the whole host, again and again. The server counts deliveries: at three, the entries were claimed twice, and by nobody else.
        await Eventually.HoldsAsync(
            () =>
            {
                for (var n = 1; n <= 5; n++)
                {
                    redis.Send("XCLAIM", "in", "g", "slow", "0", $"{1700000000000 + n}-0", "IDLE", "60000", "JUSTID");
                }

                return redis.Send("XPENDING", "in", "g", "-", "+", "10") is object?[] pending && pending.All(entry => (long)((object?[])entry!)[3]! >= 3);
            },
            "the entries were claimed twice");
        Add(redis, "in", 6, 6);
        await slow.ReceivesWatermarksAsync(6);

        Assert.Equal([1, 2, 3, 4, 5, 6], Numbers(slow));
    }

    [Fact]
    [Trait("Scenario", "RS07")]
    public async Task A_living_consumer_keeps_what_its_sink_has_not_settled()
    {
        var idle = TimeSpan.FromSeconds(1);
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 5);
        var slow = new SourceReading(SourceReading.Create(server, ["in"], consumer: "slow", claimIdle: idle));
        await slow.ReceivesWatermarksAsync(5);
        await using var other = new SourceReading(SourceReading.Create(server, ["in"], consumer: "other", claimIdle: idle));

        // Both look for what is abandoned twice per idle time.
        await ClaimsAgainAsync(redis, looks: 16);
        Assert.Empty(other.Events);
        Assert.All((object?[])redis.Send("XPENDING", "in", "g", "-", "+", "10")!, entry => Assert.Equal("slow", ((object?[])entry!)[1]));

        await slow.DisposeAsync();
        await other.ReceivesWatermarksAsync(5);
        Assert.Equal([1, 2, 3, 4, 5], Numbers(other));
    }

    [Fact]
    public async Task What_a_living_consumer_was_given_and_never_got_comes_all_the_same()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 5);
        await using var reading = new SourceReading(SourceReading.Create(server, ["in"], consumer: "c", claimIdle: Idle));
        await reading.ReceivesWatermarksAsync(5);
        redis.Send("EVAL", "redis.call('XADD', 'in', '1700000000006-0', 'n', '6') redis.call('XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', 'in', '>')", "0");
        await Eventually.HoldsAsync(() => reading.Events.Count == 6, "it comes", TimeSpan.FromSeconds(15));
        Assert.Equal([1, 2, 3, 4, 5, 6], Numbers(reading));
    }

    [Fact]
    [Trait("Scenario", "RS03")]
    public async Task Entries_that_are_gone_when_they_are_taken_over_are_reported()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 5);
        await LeavePendingAsync(server, 5);
        redis.Send("XDEL", "in", "1700000000002-0", "1700000000003-0");

        await using var heir = new SourceReading(SourceReading.Create(server, ["in"], consumer: "heir", claimIdle: Idle));
        await heir.ReceivesWatermarksAsync(3);
        await Eventually.HoldsAsync(() => heir.Losses.Count > 0, "the loss is reported");

        Assert.Equal([1, 4, 5], Numbers(heir));
        var loss = Assert.Single(heir.Losses);
        Assert.Equal((LossCause.Deleted, true, 2L), (loss.Cause, loss.IsCertain, loss.Missed));
    }

    static async Task ClaimsAgainAsync(PlainRedis redis, int looks)
    {
        var before = Calls(redis, "xautoclaim");
        await Eventually.HoldsAsync(() => Calls(redis, "xautoclaim") >= before + looks, "they have looked for what is abandoned");
    }

    static async Task LeavePendingAsync(RedisServer server, int entries)
    {
        await using var gone = new SourceReading(SourceReading.Create(server, ["in"], consumer: "gone"));
        await gone.ReceivesWatermarksAsync(entries);
    }
}
