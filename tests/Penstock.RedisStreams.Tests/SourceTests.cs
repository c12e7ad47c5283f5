using Microsoft.Extensions.Logging;
using Penstock.Sources.RedisStreams;
using Penstock.TestServers;
using static Penstock.RedisStreams.Tests.Streams;

namespace Penstock.RedisStreams.Tests;

public sealed class SourceTests
{
    const string Consumer = "penstock-orders-in";

    [Fact]
    public async Task A_new_group_starts_at_the_first_entry_and_events_have_the_entrys_fields_place_and_time()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        redis.Send("XADD", "in", "1700000000123-4", "name", "Ada", "empty", "", "name2", "é");
        redis.Send("XADD", "in", "1700000000123-5", "other", "x");
        await using var reading = new SourceReading(SourceReading.Create(server, ["in"]));
        await reading.ReceivesAsync(2);
        var first = reading.Events[0];
        Assert.Equal((ChangeKind.Message, "in"), (first.Kind, first.Subject));
        Assert.Equal(["name", "empty", "name2"], Enumerable.Range(0, 3).Select(i => first.After!.Value.Schema[i].Name));
        Assert.Equal(("Ada", "", "é"), (first.After!.Value.GetString("name"), first.After.Value.GetString("empty"), first.After.Value.GetString("name2")));
        Assert.Equal(new SourcePosition("in", SourcePosition.Compose(1700000000123, 4)), first.Position);
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1700000000123), first.OccurredAt);
        Assert.Equal("x", reading.Events[1].After!.Value.GetString("other"));
    }

    [Fact]
    [Trait("Scenario", "RS18")]
    public async Task A_new_group_can_start_behind_what_is_there()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        redis.Send("XADD", "in", "1-1", "n", "old");
        await using var reading = new SourceReading(SourceReading.Create(server, ["in"], start: "$"));
        await Eventually.HoldsAsync(() => Groups(redis, "in") == 1, "the group exists");
        redis.Send("XADD", "in", "2-1", "n", "new");
        await reading.ReceivesAsync(1);
        Assert.Equal("new", Assert.Single(reading.Events).After!.Value.GetString("n"));
    }

    [Fact]
    [Trait("Scenario", "RS16")]
    public async Task Bytes_arrive_as_they_are_and_repeated_fields_stay()
    {
        await using var server = await RedisServer.StartAsync();
        await using var writer = await new Redis.RedisServers(Samples.Connection(server), "test", TimeProvider.System)
            .ConnectAsync(TestContext.Current.CancellationToken);
        byte[] bytes = [0, 255, 13, 10, 128];
        var command = new Redis.CommandBuffer();
        command.Begin(7);
        command.Add("XADD");
        command.Add("in");
        command.Add("*");
        command.Add("f");
        command.Add(bytes);
        command.Add("f");
        command.Add([]);
        await writer.ExecuteAsync(command, TimeSpan.Zero, TestContext.Current.CancellationToken);
        await using var reading = new SourceReading(SourceReading.Create(server, ["in"]));
        await reading.ReceivesAsync(1);
        var row = reading.Events[0].After!.Value;
        Assert.Equal(2, row.Count);
        Assert.Equal(bytes, row[0].ToArray());
        Assert.True(row[1].IsEmpty);
    }

    [Fact]
    public async Task Entries_are_acknowledged_only_when_the_host_says_so()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 2500);
        await using var reading = new SourceReading(SourceReading.Create(server, ["in"]));
        await reading.ReceivesWatermarksAsync(2500);
        Assert.Equal(2500, Pending(redis, "in"));
        await reading.AcknowledgeAllAsync();
        Assert.Equal(0, Pending(redis, "in"));
        Assert.Equal(Enumerable.Range(1, 2500), Numbers(reading));
    }

    [Fact]
    [Trait("Scenario", "RS01")]
    public async Task After_a_crash_what_was_pending_comes_first_and_in_order()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 30);

        // Never disposed before the second one reads: a crash.
        await using var crashed = new SourceReading(SourceReading.Create(server, ["in"], count: 10));
        await crashed.ReceivesWatermarksAsync(30);
        await crashed.StopAsync();
        Add(redis, "in", 31, 40);
        await using var reading = new SourceReading(SourceReading.Create(server, ["in"], count: 7));
        await reading.ReceivesWatermarksAsync(40);
        Assert.Equal(Enumerable.Range(1, 40), Numbers(reading));
        await reading.AcknowledgeAllAsync();
        Assert.Equal(0, Pending(redis, "in"));
    }

    [Fact]
    [Trait("Scenario", "RS08")]
    public async Task The_same_instance_does_not_emit_again_what_is_in_flight()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 20);
        var source = SourceReading.Create(server, ["in"], count: 6);
        await using var first = new SourceReading(source);
        await first.ReceivesWatermarksAsync(20);
        redis.Send("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
        Assert.Equal(FailureKind.Transient, (await first.FailsAsync()).Kind);

        // An entry that the group handed out and that never reached us: in doubt, so pending, and not in flight.
        Add(redis, "in", 21, 21);
        redis.Send("XREADGROUP", "GROUP", "g", Consumer, "STREAMS", "in", ">");
        Add(redis, "in", 22, 25);
        var second = new SourceReading(source);
        await second.ReceivesWatermarksAsync(5);
        Assert.Equal(Enumerable.Range(21, 5), Numbers(second));
        Assert.Equal(25, Pending(redis, "in"));
        await first.AcknowledgeAllAsync();
        Assert.Equal(5, Pending(redis, "in"));
        await second.AcknowledgeAllAsync();
        Assert.Equal(0, Pending(redis, "in"));
    }

    [Fact]
    public async Task A_reply_whose_consumer_went_away_in_the_middle_is_neither_lost_nor_repeated()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 10);
        var source = SourceReading.Create(server, ["in"]);
        var seen = 0;
        await foreach (var message in source.ReadAsync([], CancellationToken.None))
        {
            if (message is ChangeEvent && ++seen == 4)
            {
                break;
            }
        }

        await using var second = new SourceReading(source);
        await second.ReceivesWatermarksAsync(10);
        Assert.Equal(Enumerable.Range(5, 6), Numbers(second));
        await second.AcknowledgeAllAsync();
        Assert.Equal(0, Pending(redis, "in"));
    }

    [Fact]
    [Trait("Scenario", "RS03")]
    public async Task Entries_deleted_while_pending_are_a_loss_window_with_their_number()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 10);
        await using var crashed = new SourceReading(SourceReading.Create(server, ["in"]));
        await crashed.ReceivesWatermarksAsync(10);
        await crashed.StopAsync();
        redis.Send("XDEL", "in", "1700000000003-0", "1700000000004-0", "1700000000007-0");
        await using var reading = new SourceReading(SourceReading.Create(server, ["in"]));
        await reading.ReceivesWatermarksAsync(10);
        Assert.Equal([1, 2, 5, 6, 8, 9, 10], Numbers(reading));
        var loss = Assert.Single(reading.Losses);
        Assert.Equal((LossCause.Deleted, true, 3L, "in", server.Endpoint), (loss.Cause, loss.IsCertain, loss.Missed, loss.Subject, loss.Node));
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1700000000003), loss.OpenedAt);
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1700000000007), loss.ClosedAt);
        Assert.Equal(10, Pending(redis, "in"));
        await reading.AcknowledgeAllAsync();
        Assert.Equal(0, Pending(redis, "in"));
    }

    [Fact]
    [Trait("Scenario", "RS14")]
    public async Task A_clean_stop_is_quick_and_leaves_nothing_pending_once_acknowledged()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        await using var reading = new SourceReading(SourceReading.Create(server, ["in"], block: "30s"));
        await Eventually.HoldsAsync(() => ((string)redis.Send("CLIENT", "LIST")!).Contains("cmd=xreadgroup", StringComparison.Ordinal), "the source waits for entries");
        Add(redis, "in", 1, 100);
        await reading.ReceivesAsync(1);
        await reading.StopAsync();
        var read = reading.Events.Count;
        Assert.Equal(read, Pending(redis, "in"));
        await reading.AcknowledgeAllAsync();
        Assert.Equal(0, Pending(redis, "in"));

        await using var next = new SourceReading(SourceReading.Create(server, ["in"]));
        await next.ReceivesWatermarksAsync(100 - read);
        Assert.Equal(Enumerable.Range(read + 1, 100 - read), Numbers(next));
    }

    [Fact]
    public async Task The_next_page_is_read_while_a_full_one_is_emitted_and_a_stop_still_emits_it()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 25);
        using var stop = new CancellationTokenSource();
        await using var source = SourceReading.Create(server, ["in"], count: 10, block: "30s");
        var numbers = new List<int>();
        var watermarks = new List<Watermark>();
        await foreach (var message in source.ReadAsync([], stop.Token))
        {
            if (message is ChangeEvent change)
            {
                numbers.Add(Number(change));
            }

            if (numbers.Count == 1 && !stop.IsCancellationRequested)
            {
                await Eventually.HoldsAsync(() => Pending(redis, "in") == 20, "the next page is read before this one is emitted");
                await stop.CancelAsync();
            }
            else if (message is Watermark { Tag: not null } watermark)
            {
                watermarks.Add(watermark);
            }
        }

        Assert.Equal(Enumerable.Range(1, 20), numbers);
        await source.AcknowledgeAsync(watermarks, CancellationToken.None);
        Assert.Equal(0, Pending(redis, "in"));

        await using var next = new SourceReading(SourceReading.Create(server, ["in"]));
        await next.ReceivesWatermarksAsync(5);
        Assert.Equal(Enumerable.Range(21, 5), Numbers(next));
    }

    [Fact]
    [Trait("Scenario", "RS08")]
    public async Task An_acknowledgement_that_fails_is_kept_and_made_good_later()
    {
        await using var server = await RedisServer.StartAsync(new() { AppendOnly = true, ExtraLines = ["appendfsync always"] });
        using (var redis = new PlainRedis(server.Port))
        {
            Add(redis, "in", 1, 10);
        }

        var source = SourceReading.Create(server, ["in"]);
        await using var reading = new SourceReading(source);
        await reading.ReceivesWatermarksAsync(10);
        server.Kill();
        await reading.AcknowledgeAllAsync();
        await server.RestartAsync();
        using var again = new PlainRedis(server.Port);
        Assert.Equal(10, Pending(again, "in"));
        await source.AcknowledgeAsync([], CancellationToken.None);
        Assert.Equal(0, Pending(again, "in"));
    }

    [Fact]
    public async Task What_is_owed_is_acknowledged_when_the_source_is_disposed()
    {
        await using var server = await RedisServer.StartAsync(new() { AppendOnly = true, ExtraLines = ["appendfsync always"] });
        using (var redis = new PlainRedis(server.Port))
        {
            Add(redis, "in", 1, 10);
        }

        var reading = new SourceReading(SourceReading.Create(server, ["in"]));
        await reading.ReceivesWatermarksAsync(10);
        server.Kill();
        await reading.AcknowledgeAllAsync();
        await server.RestartAsync();
        await reading.DisposeAsync();
        using var again = new PlainRedis(server.Port);
        Assert.Equal(0, Pending(again, "in"));
    }

    [Fact]
    public async Task Several_streams_are_read_side_by_side_each_in_its_order()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        string[] streams = ["a", "b", "c"];
        foreach (var stream in streams)
        {
            Add(redis, stream, 1, 50);
        }

        await using var reading = new SourceReading(SourceReading.Create(server, streams, count: 20));
        await reading.ReceivesWatermarksAsync(150);
        foreach (var stream in streams)
        {
            Assert.Equal(Enumerable.Range(1, 50), reading.Events.Where(change => change.Subject == stream).Select(Number));
            Assert.All(reading.Watermarks, watermark => Assert.Contains(watermark.Position.Partition, streams));
            Assert.Equal(50, Pending(redis, stream));
        }

        await reading.AcknowledgeAllAsync();
        Assert.All(streams, stream => Assert.Equal(0, Pending(redis, stream)));
    }

    [Fact]
    public async Task A_key_that_is_no_stream_is_permanent_and_names_the_remedy()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        redis.Send("SET", "in", "text");
        await using var reading = new SourceReading(SourceReading.Create(server, ["in"]));
        var error = await reading.FailsAsync();
        Assert.Equal(FailureKind.Permanent, error.Kind);
        Assert.Contains("WRONGTYPE", error.Message, StringComparison.Ordinal);
        Assert.Contains("another name", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_permissions_that_the_readme_names_are_enough()
    {
        await using var server = await RedisServer.StartAsync(new()
        {
            ExtraLines = ["user app on >pw ~in resetchannels -@all +xreadgroup +xack +xgroup|create +multi +exec +xinfo|stream +xinfo|groups +client|unblock"],
        });
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 3);
        await using var reading = new SourceReading(new RedisStreamsPlugin().Create(
            new RedisStreamsOptions { Connection = Samples.Connection(server, "app", "pw"), Streams = ["in"], Group = "g", Block = TimeSpan.FromSeconds(30) },
            Samples.SourceContext));
        await reading.ReceivesWatermarksAsync(3);
        await reading.AcknowledgeAllAsync();
        Assert.Equal(0, Pending(redis, "in"));
        await reading.StopAsync();
    }

    [Fact]
    public async Task An_acknowledgement_that_is_refused_for_good_ends_reading_even_when_no_entry_comes()
    {
        await using var server = await RedisServer.StartAsync(new()
        {
            ExtraLines = ["user app on >pw ~in resetchannels -@all +xreadgroup +xgroup|create +multi +exec +xinfo|stream +xinfo|groups +client|unblock"],
        });
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 3);
        var log = new LogLines();
        var source = new RedisStreamsPlugin().Create(
            new RedisStreamsOptions { Connection = Samples.Connection(server, "app", "pw"), Streams = ["in"], Group = "g", Block = TimeSpan.FromMinutes(10) },
            Samples.SourceContextWith(log));
        await using var reading = new SourceReading(source);
        await reading.ReceivesWatermarksAsync(3);
        await Eventually.HoldsAsync(() => ((string)redis.Send("CLIENT", "LIST")!).Contains(" flags=b ", StringComparison.Ordinal), "the source waits for entries");
        await reading.AcknowledgeAllAsync();
        var error = await reading.FailsAsync();
        Assert.Equal(FailureKind.Permanent, error.Kind);
        Assert.Contains("Acknowledging in as group \"g\": NOPERM", error.Message, StringComparison.Ordinal);
        Assert.Contains("ACL SETUSER", error.Message, StringComparison.Ordinal);

        // Said once, in one line, and nothing is tried any more.
        await reading.AcknowledgeAllAsync();
        var line = Assert.Single(log.Lines, line => line.Level == LogLevel.Warning);
        Assert.Contains("NOPERM", line.Text, StringComparison.Ordinal);
        Assert.Null(line.Exception);
        Assert.Equal(3, Pending(redis, "in"));
    }

    [Fact]
    public void Streams_are_checked_before_connecting()
    {
        var report = new ConfigReport();
        new RedisStreamsPlugin().Validate(
            new RedisStreamsOptions { Connection = new() { Endpoints = ["nowhere"] }, Streams = ["a", "", "a"], Group = "g" }, report);
        Assert.Equal(["/connection/endpoints/0", "/streams/1", "/streams/2"], report.Problems.Select(problem => problem.Pointer));
    }
}
