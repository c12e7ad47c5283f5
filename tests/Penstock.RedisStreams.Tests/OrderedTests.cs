using Penstock.Redis;
using Penstock.Sources.RedisStreams;
using Penstock.TestServers;
using static Penstock.RedisStreams.Tests.Streams;

namespace Penstock.RedisStreams.Tests;

/// <summary>Ordered mode: one host reads a stream, the others stand by.</summary>
public sealed class OrderedTests
{
    [Fact]
    [Trait("Scenario", "RS06")]
    [Trait("Scenario", "RS20")]
    public async Task A_standby_takes_over_in_order_and_a_holder_that_comes_back_commits_nothing()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        await using var proxy = new TcpProxy(server.Port);
        Add(redis, "in", 1, 10);
        var log = new LogLines();
        var cutOff = Create(proxy.Endpoint, "a", log);
        await using var first = new SourceReading(cutOff);
        await first.ReceivesWatermarksAsync(10);
        await using var standby = new SourceReading(Create(server.Endpoint, "b"));
        Add(redis, "in", 11, 15);
        await first.ReceivesWatermarksAsync(15);
        Assert.Empty(standby.Events);

        // Neither dead nor alive: its connections stay open, and nothing gets through.
        proxy.Blackhole();
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Add(redis, "in", 16, 20);
        await standby.ReceivesWatermarksAsync(20);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Equal(Enumerable.Range(1, 20), Numbers(standby));

        proxy.Heal();
        await first.FailsAsync();
        await first.AcknowledgeAllAsync();
        Assert.Equal(20, Pending(redis, "in"));
        await using var returned = new SourceReading(cutOff);
        await Eventually.HoldsAsync(() => log.Lines.Any(line => line.Text.Contains("stands by", StringComparison.Ordinal)), "it stands by");
        Assert.Empty(returned.Events);
        await standby.AcknowledgeAllAsync();
        Assert.Equal(0, Pending(redis, "in"));
    }

    [Fact]
    [Trait("Scenario", "RS20")]
    public async Task Two_hosts_of_one_consumer_name_do_not_share_what_is_pending()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 10);
        var first = new SourceReading(Create(server.Endpoint, "same"));
        await first.ReceivesWatermarksAsync(10);
        var log = new LogLines();
        await using var second = new SourceReading(Create(server.Endpoint, "same", log));
        await Eventually.HoldsAsync(() => log.Lines.Any(line => line.Text.Contains("stands by", StringComparison.Ordinal)), "it stands by");
        Add(redis, "in", 11, 12);
        await first.ReceivesWatermarksAsync(12);
        Assert.Empty(second.Events);

        // A clean end gives the lease up, once what is owed is paid.
        await first.AcknowledgeAllAsync();
        await first.DisposeAsync();
        Add(redis, "in", 13, 14);
        await second.ReceivesWatermarksAsync(2);
        Assert.Equal([13, 14], Numbers(second));
    }

    [Fact]
    public async Task An_acknowledgement_that_comes_after_another_host_has_taken_over_is_refused()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 5);
        var log = new LogLines();
        await using var zombie = new SourceReading(Create(server.Endpoint, "a", log));
        await zombie.ReceivesWatermarksAsync(5);

        // It believes in its lease until it is told otherwise.
        redis.Send("SET", "penstock:lease:{in}:in:g:read", "2:another host");
        await zombie.AcknowledgeAllAsync();
        Assert.Equal(5, Pending(redis, "in"));
        Assert.Contains(log.Lines, line => line.Text.Contains("another host reads the stream by now", StringComparison.Ordinal));
        Assert.Contains("lease on stream \"in\" ended", (await zombie.FailsAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_handed_to_a_holder_after_its_end_is_found()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 5);
        await using var holder = new SourceReading(Create(server.Endpoint, "a"));
        await holder.ReceivesWatermarksAsync(5);

        // The read of a holder that is gone, which was on the way for long.
        redis.Send("EVAL", "redis.call('XADD', 'in', '1700000000006-0', 'n', '6') redis.call('XREADGROUP', 'GROUP', 'g', 'gone', 'STREAMS', 'in', '>')", "0");
        Add(redis, "in", 7, 7);
        await holder.ReceivesWatermarksAsync(7);
        Assert.Equal(Enumerable.Range(1, 7), Numbers(holder).Order());
    }

    [Fact]
    public async Task Streams_are_held_one_by_one_and_a_lost_connection_keeps_them()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        redis.Send("SET", "penstock:lease:{b}:b:g:read", "1:another host");
        var source = Create(server.Endpoint, "a", streams: ["a", "b"]);
        await using var first = new SourceReading(source);
        Add(redis, "a", 1, 5);
        Add(redis, "b", 1, 5);
        await first.ReceivesWatermarksAsync(5);
        Assert.All(first.Events, change => Assert.Equal("a", change.Subject));
        redis.Send("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
        await first.FailsAsync();

        redis.Send("DEL", "penstock:lease:{b}:b:g:read");
        Add(redis, "a", 6, 6);
        await using var second = new SourceReading(source);
        await second.ReceivesWatermarksAsync(6);
        Assert.Equal([6], second.Events.Where(change => change.Subject == "a").Select(Number));
        Assert.Equal(Enumerable.Range(1, 5), second.Events.Where(change => change.Subject == "b").Select(Number));
        await first.AcknowledgeAllAsync();
        await second.AcknowledgeAllAsync();
        Assert.Equal((0, 0), (Pending(redis, "a"), Pending(redis, "b")));
    }

    static IChangeSource Create(string endpoint, string consumer, LogLines? log = null, string[]? streams = null) => SourceReading.Create(
        new RedisStreamsOptions
        {
            Connection = new RedisConnectionOptions { Endpoints = [endpoint], CommandTimeout = TimeSpan.FromSeconds(1) },
            Streams = streams ?? ["in"],
            Group = "g",
            Consumer = consumer,
            Ordered = true,
        },
        log);
}
