using Penstock.TestServers;
using static Penstock.RedisStreams.Tests.Streams;

namespace Penstock.RedisStreams.Tests;

public sealed class GroupLossTests
{
    [Fact]
    [Trait("Scenario", "RS04")]
    public async Task A_deleted_stream_is_read_again_from_its_first_entry_and_reported()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 5);
        var source = SourceReading.Create(server, ["in"], start: "$");
        await using var reading = new SourceReading(source);
        await Eventually.HoldsAsync(() => Groups(redis, "in") == 1, "the group exists");
        Add(redis, "in", 6, 8);
        await reading.ReceivesWatermarksAsync(3);
        Assert.Empty(reading.Losses);

        var beforeTheLoss = reading.Watermarks;

        // In one go, so that the source cannot make the group again in between; and with an id that was read before.
        redis.Send("EVAL", "redis.call('FLUSHALL') redis.call('XADD', 'in', '1700000000008-0', 'n', '20')", "0");
        await reading.ReceivesWatermarksAsync(4);
        Assert.Equal([6, 7, 8, 20], Numbers(reading));
        var loss = Assert.Single(reading.Losses);
        Assert.Equal((LossCause.Deleted, false, "in"), (loss.Cause, loss.IsCertain, loss.Subject));
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1700000000008), loss.OpenedAt);
        Assert.NotNull(loss.ClosedAt);

        // What belongs to the group that is gone acknowledges nothing in the new one.
        await source.AcknowledgeAsync(beforeTheLoss, CancellationToken.None);
        Assert.Equal(1, Pending(redis, "in"));
        await source.AcknowledgeAsync([reading.Watermarks[^1]], CancellationToken.None);
        Assert.Equal(0, Pending(redis, "in"));
    }

    [Fact]
    public async Task A_loss_is_reported_even_when_making_the_next_group_again_fails()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "a", 1, 5);
        Add(redis, "b", 1, 5);
        var source = SourceReading.Create(server, ["a", "b"]);
        await using var first = new SourceReading(source);
        await first.ReceivesWatermarksAsync(10);

        // The group of a is made again; at b the source fails.
        redis.Send("EVAL", "redis.call('FLUSHALL') redis.call('SET', 'b', 'text')", "0");
        await first.FailsAsync();
        Assert.Equal(1, Groups(redis, "a"));
        Assert.Empty(first.Losses);
        redis.Send("DEL", "b");
        Add(redis, "b", 6, 6);
        await using var second = new SourceReading(source);
        await second.ReceivesAsync(1);
        Assert.Equal(["a", "b"], second.Losses.Select(loss => loss.Subject));
    }

    [Fact]
    public async Task The_first_watermark_comes_even_when_making_the_next_group_fails()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        redis.Send("SET", "b", "text");
        var source = SourceReading.Create(server, ["a", "b"]);
        await using var first = new SourceReading(source);
        await first.FailsAsync();
        Assert.Equal(1, Groups(redis, "a"));
        redis.Send("DEL", "b");
        Add(redis, "b", 1, 1);
        await using var second = new SourceReading(source);
        await second.ReceivesAsync(1);
        Assert.Equal(["a", "b"], second.Beginnings.Select(watermark => watermark.Position.Partition));
        Assert.Empty(second.Losses);
    }

    [Fact]
    [Trait("Scenario", "RS04")]
    public async Task A_group_that_was_lost_while_the_host_was_down_is_reported()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 9, 9);
        var checkpoint = new Watermark(new SourcePosition("in", SourcePosition.Compose(1700000000005, 0)));
        await using var reading = new SourceReading(SourceReading.Create(server, ["in"], start: "$"), checkpoint);
        await reading.ReceivesAsync(1);
        Assert.Equal([9], Numbers(reading));
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1700000000005), Assert.Single(reading.Losses).OpenedAt);
    }
}
