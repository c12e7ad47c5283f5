using Penstock.Sources.RedisPubSub;
using Penstock.TestServers;

namespace Penstock.RedisPubSub.Tests;

/// <summary>A pipeline that does not take messages holds up neither the server nor the reading: what finds no room is counted.</summary>
public sealed class OverflowTests
{
    static readonly ByteSize Small = new(256 * 1024);

    [Fact]
    [Trait("Scenario", "PS03")]
    public async Task What_a_stalled_pipeline_does_not_take_is_dropped_counted_exactly_and_inside_a_window()
    {
        // The server would drop a subscriber that does not read, and with it what it held.
        await using var server = await RedisServer.StartAsync(new() { ExtraLines = ["client-output-buffer-limit pubsub 1mb 1mb 1"] });
        await using var admin = await Redis.ConnectAsync(server);
        await using var listener = new Listener(Sources.PubSub(
            new RedisPubSubOptions { Connection = Redis.Options(server), Channels = ["numbers"], Patterns = ["num*"], MaxBacklog = Small }));
        await listener.SubscribedAsync();
        listener.Hold();
        await using var publisher = await Publisher.StartAsync(server, "numbers", padding: 4096);
        await Eventually.HoldsAsync(() => publisher.Bytes > 64 * Small.Bytes, "the pipeline is far behind");
        var stalled = await publisher.StopAsync();
        Assert.Single(await admin.SubscribersAsync());
        Assert.Empty(listener.Windows);

        listener.Release();
        await listener.ClosedWindowsAsync(1);
        await using var after = await Publisher.StartAsync(server, "numbers", first: stalled[^1].Number + 1);
        await Eventually.HoldsAsync(() => Publisher.LastOf(listener) > stalled[^1].Number, "messages go on");
        var published = stalled.Concat(await after.StopAsync()).ToList();
        await Eventually.HoldsAsync(() => Publisher.LastOf(listener) == published[^1].Number, "the last number");

        var arrived = Publisher.Numbers(listener.Events);
        var missing = LossJudge.Missing(published, arrived);
        Assert.NotEmpty(missing);
        Assert.Empty(LossJudge.Unexplained(published, arrived, listener.Windows));
        Assert.Empty(LossJudge.Repeated(arrived));
        Assert.Equal(arrived.Order(), arrived);
        Assert.All(listener.Windows, window => Assert.Equal(
            (LossCause.Overflow, server.Endpoint, true), (window.Cause, window.Node, window.IsCertain)));
        Assert.Equal(missing.Count, listener.Windows.Sum(window => window.Missed));
        Assert.Equal(0, listener.Retries);

        // The memory that waits is bounded: the two halves of the backlog, and the batch that was being read.
        var kept = stalled.Count - missing.Count;
        Assert.InRange(kept * 4096, 0, (2 * Small.Bytes) + (1024 * 4096));
    }
}
