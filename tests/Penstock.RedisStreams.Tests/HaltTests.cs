using Penstock.Sources.RedisStreams;
using Penstock.TestServers;
using static Penstock.RedisStreams.Tests.Streams;

namespace Penstock.RedisStreams.Tests;

/// <summary>onGap "halt": a loss is reported, what came before it is settled, and nothing more is read until somebody decides.</summary>
public sealed class HaltTests
{
    [Theory]
    [InlineData(StreamsMode.Group)]
    [InlineData(StreamsMode.Read)]
    [Trait("Scenario", "RS02")]
    public async Task A_trimmed_stream_halts_at_every_start_until_an_operator_decides(StreamsMode mode)
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "in", 1, 5);
        IReadOnlyList<Watermark> checkpoint;
        await using (var halting = new SourceReading(SourceReading.Create(server, ["in"], mode: mode, onGap: GapPolicy.Halt)))
        {
            await halting.ReceivesAsync(5);
            await LooksAgainAsync(redis, "xinfo|stream");
            AddAndTrim(redis, "in", 6, 20, keep: 3);
            await HaltsAsync(halting);
            Assert.Equal(12, Assert.Single(halting.Losses).Missed);
            checkpoint = halting.Checkpoint;
        }

        await using (var restarted = new SourceReading(SourceReading.Create(server, ["in"], mode: mode, onGap: GapPolicy.Halt), checkpoint))
        {
            Assert.Equal(FailureKind.PositionLost, (await restarted.FailsAsync()).Kind);
            Assert.Empty(restarted.Events);
            Assert.Empty(restarted.Losses);
        }

        // Decided: the loss is not told twice, and from now on the stream may halt again.
        Add(redis, "in", 21, 21);
        await using (var decided = new SourceReading(SourceReading.Create(server, ["in"], mode: mode), checkpoint))
        {
            await Eventually.HoldsAsync(() => decided.Events.Any(change => Number(change) == 21), "it goes on");
            await LooksAgainAsync(redis, "xinfo|stream");
            Assert.Empty(decided.Losses);
            checkpoint = decided.Checkpoint;
        }

        await using var again = new SourceReading(SourceReading.Create(server, ["in"], mode: mode, onGap: GapPolicy.Halt), checkpoint);
        Add(redis, "in", 22, 22);
        await Eventually.HoldsAsync(() => again.Events.Any(change => Number(change) == 22), "it reads");
    }

    [Fact]
    [Trait("Scenario", "RS03")]
    [Trait("Scenario", "RS04")]
    public async Task A_lost_group_halts_and_so_do_entries_deleted_while_pending()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        Add(redis, "gone", 1, 5);
        await using var gone = new SourceReading(SourceReading.Create(server, ["gone"], onGap: GapPolicy.Halt));
        await gone.ReceivesWatermarksAsync(5);
        await gone.AcknowledgeAllAsync();
        redis.Send("DEL", "gone");
        await HaltsAsync(gone);
        Assert.Equal(LossCause.Deleted, Assert.Single(gone.Losses).Cause);

        Add(redis, "holes", 1, 5);
        await using (var crashed = new SourceReading(SourceReading.Create(server, ["holes"])))
        {
            await crashed.ReceivesWatermarksAsync(5);
        }

        redis.Send("XDEL", "holes", "1700000000002-0");
        await using var holes = new SourceReading(SourceReading.Create(server, ["holes"], onGap: GapPolicy.Halt));
        await holes.ReceivesAsync(4);
        await HaltsAsync(holes);
        Assert.Equal([1, 3, 4, 5], Numbers(holes));
        Assert.Equal(1, Assert.Single(holes.Losses).Missed);
    }

    [Fact]
    public async Task Without_the_right_to_look_nothing_is_read()
    {
        await using var server = await RedisServer.StartAsync(new() { ExtraLines = ["user app on >pw ~* -@all +hello +xreadgroup +xack +xgroup|create"] });
        await using var reading = new SourceReading(SourceReading.Create(server, ["in"], user: "app", password: "pw", onGap: GapPolicy.Halt));
        var error = await reading.FailsAsync();
        Assert.Equal(FailureKind.Permanent, error.Kind);
        Assert.Contains("NOPERM", error.Message, StringComparison.Ordinal);
    }

    // Only once the checkpoint covers what came before.
    static async Task HaltsAsync(SourceReading reading)
    {
        await Eventually.HoldsAsync(() => reading.Losses.Count > 0 && reading.Checkpoint[0].State.Length > 2 * sizeof(long), "the halt is in the checkpoint");
        Assert.False(reading.HasEnded);
        await reading.AcknowledgeEverythingAsync();
        var error = await reading.FailsAsync();
        Assert.Equal(FailureKind.PositionLost, error.Kind);
        Assert.Contains("onGap \"continue\"", error.Message, StringComparison.Ordinal);
        Assert.Contains("positions reset", error.Message, StringComparison.Ordinal);
    }
}
