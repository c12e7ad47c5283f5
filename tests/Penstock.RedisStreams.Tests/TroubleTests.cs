using Penstock.Sources.RedisStreams;
using Penstock.TestServers;
using static Penstock.RedisStreams.Tests.Streams;

namespace Penstock.RedisStreams.Tests;

/// <summary>A server in trouble, and operators who move a group.</summary>
public sealed class TroubleTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Scenario", "RS11")]
    public async Task A_server_without_memory_is_read_and_acknowledged(bool ordered)
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        redis.Send("XGROUP", "CREATE", "in", "g", "0", "MKSTREAM");
        Add(redis, "in", 1, 100);
        SourceReading? before = null;
        if (ordered)
        {
            // Who has the lease keeps it; nobody new can take one.
            before = new SourceReading(Create(server, ordered));
            await before.ReceivesWatermarksAsync(100);
        }

        redis.Send("CONFIG", "SET", "maxmemory", "1");
        Assert.Throws<InvalidOperationException>(() => redis.Send("XADD", "in", "*", "n", "101"));
        await using var reading = before ?? new SourceReading(Create(server, ordered));
        await reading.ReceivesWatermarksAsync(100);
        if (ordered)
        {
            var renewed = Calls(redis, "pexpire");
            await Eventually.HoldsAsync(() => Calls(redis, "pexpire") >= renewed + 4, "the lease is renewed for longer than its term");
        }

        await reading.AcknowledgeAllAsync();
        Assert.Equal(0, Pending(redis, "in"));
        Assert.False(reading.HasEnded);
    }

    [Fact]
    [Trait("Scenario", "RS10")]
    public async Task A_server_that_forgets_its_last_second_repeats_acknowledged_entries_and_loses_none_that_it_kept()
    {
        await using var server = await RedisServer.StartAsync(new() { AppendOnly = true, ExtraLines = ["appendfsync everysec"] });
        using (var redis = new PlainRedis(server.Port))
        {
            Add(redis, "in", 1, 200);
        }

        await using var host = SourceReading.AsAHost(Create(server, ordered: false));
        await host.ReceivesWatermarksAsync(200);
        using (var redis = new PlainRedis(server.Port))
        {
            Add(redis, "in", 201, 250);
        }

        server.Kill();
        await server.RestartAsync();
        using var again = new PlainRedis(server.Port);
        Add(again, "in", 251, 300);
        var there = again.Entries("in").Select(entry => int.Parse(entry.Fields["n"])).ToHashSet();
        await Eventually.HoldsAsync(() => there.IsSubsetOf(Numbers(host)) && Pending(again, "in") == 0, "what the server has is read, and acknowledged");
    }

    [Fact]
    [Trait("Scenario", "RS17")]
    public async Task A_group_that_is_sent_forward_is_a_loss_window()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 10);
        await using var reading = new SourceReading(Create(server, ordered: false));
        await reading.ReceivesWatermarksAsync(10);
        await LooksAgainAsync(redis);
        redis.Send(
            "EVAL", "for n = 11, 20 do redis.call('XADD', 'in', 1700000000000 + n .. '-0', 'n', n) end redis.call('XGROUP', 'SETID', 'in', 'g', '1700000000020-0')", "0");
        await Eventually.HoldsAsync(() => reading.Losses.Count > 0, "it is reported");
        Add(redis, "in", 21, 22);
        await reading.ReceivesWatermarksAsync(12);
        await LooksAgainAsync(redis);

        Assert.Equal([21, 22], Numbers(reading).Skip(10));
        var loss = Assert.Single(reading.Losses);
        Assert.Equal((LossCause.PositionLost, false, null), (loss.Cause, loss.IsCertain, loss.Missed));
        Assert.Equal(
            (DateTimeOffset.FromUnixTimeMilliseconds(1700000000010), DateTimeOffset.FromUnixTimeMilliseconds(1700000000020)), (loss.OpenedAt, loss.ClosedAt!.Value));
    }

    // An XDEL of what was not read makes the server lose count, too.
    [Fact]
    public async Task An_entry_that_was_deleted_unread_does_not_count_as_sent_forward()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 10);
        await using var reading = new SourceReading(Create(server, ordered: false));
        await reading.ReceivesWatermarksAsync(10);
        await LooksAgainAsync(redis);
        redis.Send(
            "EVAL", "for n = 11, 20 do redis.call('XADD', 'in', 1700000000000 + n .. '-0', 'n', n) end redis.call('XDEL', 'in', '1700000000015-0')", "0");
        await reading.ReceivesWatermarksAsync(19);
        await LooksAgainAsync(redis);
        Assert.DoesNotContain(reading.Losses, loss => loss.Cause == LossCause.PositionLost);
    }

    static IChangeSource Create(RedisServer server, bool ordered) => SourceReading.Create(new RedisStreamsOptions
    {
        Connection = Samples.Connection(server),
        Streams = ["in"],
        Group = "g",
        Block = TimeSpan.FromMilliseconds(100),
        Ordered = ordered,
    });
}
