using Penstock.TestServers;
using static Penstock.RedisStreams.Tests.Streams;

namespace Penstock.RedisStreams.Tests;

/// <summary>What a consumer that is gone for good has left pending.</summary>
public sealed class ClaimTests
{
    static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(200);

    [Fact]
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

        // The server counts deliveries: at three, the entries were claimed twice, and by nobody else.
        await Eventually.HoldsAsync(
            () => redis.Send("XPENDING", "in", "g", "-", "+", "10") is object?[] pending && pending.All(entry => (long)((object?[])entry!)[3]! >= 3),
            "the entries were claimed twice");
        Add(redis, "in", 6, 6);
        await slow.ReceivesWatermarksAsync(6);

        Assert.Equal([1, 2, 3, 4, 5, 6], Numbers(slow));
    }

    [Fact]
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

    static async Task LeavePendingAsync(RedisServer server, int entries)
    {
        await using var gone = new SourceReading(SourceReading.Create(server, ["in"], consumer: "gone"));
        await gone.ReceivesWatermarksAsync(entries);
    }
}
