using Microsoft.Extensions.Logging.Abstractions;
using Penstock.Runtime.Diagnostics;
using Penstock.Runtime.Routing;
using Penstock.Runtime.Settlement;
using Penstock.Runtime.Tests.Support;

namespace Penstock.Runtime.Tests.Settlement;

/// <summary>A sink that stores positions with its data is not given again what it has, whatever happened in between.</summary>
public sealed class ResumableSinkTests
{
    const int First = 120;
    const int Last = 200;

    [Theory]
    [InlineData(1, nameof(Ordering.Key))]
    [InlineData(4, nameof(Ordering.Key))]
    [InlineData(4, nameof(Ordering.None))]
    public async Task After_a_crash_it_holds_every_event_once(int lanes, string ordering)
    {
        using var rig = Rig(lanes, Enum.Parse<Ordering>(ordering));

        var books = await CrashAndFinishAsync(rig);

        Oracle.AssertEachOnce(rig.Store, Last);
        Assert.InRange(books.Skipped, 1, Last);
    }

    [Fact]
    public async Task Without_positions_the_same_crash_repeats_events()
    {
        using var rig = Rig(4, Ordering.Key);
        rig.Sink = Support.Rig.SinkTo(rig.Store) with { Lanes = 4, Batch = rig.Sink.Batch };

        await CrashAndFinishAsync(rig);

        Oracle.AssertComplete(rig.Store, Last);
        Assert.NotEmpty(Oracle.Repeated(rig.Store));
    }

    [Fact]
    public async Task One_position_for_all_lanes_loses_events_and_is_seen()
    {
        using var rig = Rig(4, Ordering.Key);
        rig.Store.OnReadPositions = _ => rig.Store.PositionsOf(_ => true);

        await CrashAndFinishAsync(rig);

        Assert.NotEmpty(Oracle.Lost(rig.Store, Last));
    }

    [Theory]
    [InlineData(4, 8)]
    [InlineData(8, 3)]
    public async Task Another_number_of_lanes_after_a_crash_loses_and_repeats_nothing(int before, int after)
    {
        using var rig = Rig(before, Ordering.Key);

        await CrashAndFinishAsync(rig, () => rig.Sink = rig.Sink with { Lanes = after });

        Oracle.AssertExact(rig.Store, Last);
        Assert.Equal(new LaneLayout(after, Ordering.Key), rig.ReadCheckpoint().CursorOf("sink")!.Layout);
    }

    [Fact]
    public async Task Another_number_of_lanes_without_the_replay_in_the_old_ones_loses_events_and_is_seen()
    {
        using var rig = Rig(4, Ordering.Key);

        await CrashAndFinishAsync(rig, () =>
        {
            // As if the checkpoint had been written with the new lanes already.
            rig.Sink = rig.Sink with { Lanes = 3 };
            rig.RewriteCheckpoint(checkpoint => checkpoint with { Sinks = [.. checkpoint.Sinks.Select(cursor => cursor with { Layout = rig.Sink.Layout, Held = [] })] });
        });

        Assert.NotEmpty(Oracle.Lost(rig.Store, Last));
    }

    [Fact]
    public async Task A_sink_that_lost_its_newest_data_is_given_them_again()
    {
        using var rig = Rig(1, Ordering.Key);

        var log = await ForgetAndFinishAsync(rig, after: 60);

        Oracle.AssertExact(rig.Store, Last);
        Assert.True(log.Has(120));
    }

    [Fact]
    public async Task Lanes_do_not_change_before_everything_is_settled_that_the_old_ones_wrote()
    {
        using var rig = Rig(4, Ordering.Key);
        var log = new LogBook();
        await CrashAsync(rig);
        rig.Sink = rig.Sink with { Lanes = 3 };
        rig.Options = rig.Options with { DrainTimeout = TimeSpan.FromMilliseconds(200) };
        rig.Services = rig.Services with { LoggerFactory = log };
        rig.Log.AppendChanges(First + 1, Last, keys: 40, markEvery: 5);
        // The lane that gets this event hangs while the old lanes are replayed, and longer than a drain may take.
        rig.Store.BeforeWrite = async (context, batch, token) =>
        {
            if (context.LaneCount == 4 && batch.Any(change => Entry.NumberOf(change.Position) == First + 10))
            {
                await Task.Delay(Timeout.Infinite, token);
            }
        };

        var refused = await rig.RunToEndAsync();

        Assert.Equal(PipelineState.Failed, refused.State);
        Assert.True(log.Has(125));
        rig.Store.BeforeWrite = null;
        rig.Log.Complete();
        await rig.RunToEndAsync();
        Oracle.AssertExact(rig.Store, Last);
        Assert.Equal(3, rig.ReadCheckpoint().CursorOf("sink")!.Layout.Lanes);
    }

    [Fact]
    public async Task While_the_old_lanes_replay_the_status_says_so()
    {
        using var rig = Rig(4, Ordering.Key);
        await CrashAsync(rig);
        rig.Sink = rig.Sink with { Lanes = 3 };
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.Store.BeforeWrite = async (context, _, token) => await (context.LaneCount == 4 ? gate.Task.WaitAsync(token) : Task.CompletedTask);
        rig.Log.AppendChanges(First + 1, Last, keys: 40, markEvery: 5);
        await using var running = rig.Start();

        await Until.Holds(() => running.Pipeline.Status is { ChangesLanes: true, Sources: [{ Read: > 0 }] });
        gate.SetResult();
        await Until.Holds(() => running.Pipeline.Status is { ChangesLanes: false, Steps.Count: > 0 });
        await running.StopAsync();
    }

    [Fact]
    public async Task Both_generations_say_which_lanes_are_about_to_write()
    {
        using var rig = Rig(4, Ordering.Key);
        var services = rig.Services;
        var checkpoints = 0;
        rig.Log.AppendChanges(1, 40, keys: 40, markEvery: 5);
        await using (var running = rig.Start())
        {
            await Until.Holds(() => running.Source.Acknowledged.Count == 8);
            await running.StopAsync();
        }

        rig.Sink = rig.Sink with { Lanes = 3 };
        // One for the replay in the old lanes, two that establish the new ones; no more.
        rig.Services = services with
        {
            Faults = new(point => _ = point == FaultPoint.CheckpointWritten && rig.LanesOnDisk().SequenceEqual([3, 3]) && ++checkpoints > 0
                ? throw new PipelineFailureException("died", new IOException())
                : 0),
        };
        rig.Log.AppendChanges(41, Last, keys: 40, markEvery: 5).Complete();
        Assert.Equal(PipelineState.Failed, (await rig.RunToEndAsync()).State);

        Assert.Equal([3, 3], rig.LanesOnDisk());
        File.Delete(Directory.GetFiles(rig.PipelineDirectory, "s.checkpoint.?").MaxBy(File.GetLastWriteTimeUtc)!);
        rig.Services = services;
        await rig.RunToEndAsync();
        Oracle.AssertExact(rig.Store, Last);
    }

    [Fact]
    public void A_lane_that_was_rewound_moves_no_cursor_forward_and_the_lowest_decides()
    {
        var (progress, filter) = Rewound(cursor: 40, held: [100, 50], stored: [80, 50]);
        Assert.Equal(Position(40), Assert.Single(progress.Settled));
        Assert.False(filter.Has((ChangeEvent)Entry.Change(60).Make(), lane: 1));

        (progress, _) = Rewound(cursor: 90, held: [100, 100], stored: [10, 50]);
        Assert.Equal(Position(10), Assert.Single(progress.Settled));
    }

    [Fact]
    public async Task What_an_unknown_sink_holds_beyond_the_checkpoint_needs_a_decision()
    {
        using var rig = Rig(4, Ordering.Key);
        await CrashAsync(rig);
        // The same data under another name: nobody knows with which lanes they were written.
        rig.Sink = rig.Sink with { Name = "renamed", Lanes = 3 };

        Assert.Equal(PipelineState.PositionLost, (await rig.RunToEndAsync()).State);
    }

    [Fact]
    public async Task A_sink_that_was_emptied_goes_on_after_the_checkpoint_and_the_log_says_so()
    {
        using var rig = Rig(1, Ordering.Key);

        var log = await ForgetAndFinishAsync(rig, after: 0);

        Assert.Equal(Enumerable.Range(101, Last - 100).Select(number => (ulong)number), rig.Store.Numbers);
        Assert.True(log.Has(119));
    }

    [Fact]
    public async Task What_a_sink_holds_without_a_checkpoint_that_accounts_for_it_needs_a_decision()
    {
        using var rig = Rig(1, Ordering.Key);
        rig.Log.AppendChanges(1, Last).Complete();
        await rig.RunToEndAsync();
        Directory.Delete(rig.PipelineDirectory, recursive: true);

        var result = await rig.RunToEndAsync();

        Assert.Equal(PipelineState.PositionLost, result.State);
        Assert.Contains("Move the sink's data away", result.Reason);
        Oracle.AssertExact(rig.Store, Last);
    }

    [Fact]
    public async Task A_crash_before_the_first_checkpoint_needs_none()
    {
        using var rig = Rig(2, Ordering.Key);
        var services = rig.Services;
        var checkpoints = 0;
        rig.Services = services with
        {
            // The two that say who writes are let through.
            Faults = new(point => _ = point == FaultPoint.CheckpointWritten && ++checkpoints > 2 ? throw new PipelineFailureException("died", new IOException()) : 0),
        };
        rig.Log.AppendChanges(1, 100, keys: 9);
        var crashed = await rig.RunToEndAsync();

        Assert.Equal(PipelineState.Failed, crashed.State);
        Assert.NotEqual(0, rig.Store.Count);
        Assert.Empty(rig.ReadCheckpoint().Partitions);
        rig.Services = services;
        rig.Log.AppendChanges(101, Last, keys: 9).Complete();
        await rig.RunToEndAsync();

        Oracle.AssertExact(rig.Store, Last);
    }

    static Rig Rig(int lanes, Ordering ordering)
    {
        var rig = new Rig();
        rig.Sink = Support.Rig.ResumableSinkTo(rig.Store) with { Lanes = lanes, Ordering = ordering, Batch = new() { MaxEvents = 4 } };
        return rig;
    }

    static SourcePosition Position(ulong number) => new("", SourcePosition.Compose(number, 0));

    static (SinkProgress Progress, ReplayFilter Filter) Rewound(ulong cursor, ulong[] held, ulong[] stored)
    {
        var layout = new LaneLayout(held.Length, Ordering.Key);
        var checkpoint = new Checkpoint(1, [new Watermark(Position(cursor))])
        {
            Sinks = [new SinkCursor("sink", layout, [Position(cursor)]) { Held = [.. held.Select(number => (SourcePosition[])[Position(number)])] }],
        };
        return new Resumption("p", "s", checkpoint, NullLogger.Instance)
            .Add(new SinkState("sink", layout, [.. stored.Select(number => (StoredPosition[])[new StoredPosition("s", Position(number))])]));
    }

    // A clean stop at a hundred events; the sink loses what came after this one; the rest comes.
    static async Task<LogBook> ForgetAndFinishAsync(Rig rig, ulong after)
    {
        var log = new LogBook();
        rig.Services = rig.Services with { LoggerFactory = log };
        rig.Log.AppendChanges(1, 100);
        await using (var running = rig.Start())
        {
            await Until.Holds(() => rig.CheckpointedOrder() == SourcePosition.Compose(100, 1));
            await running.StopAsync();
        }

        rig.Store.Forget(after);
        rig.Log.AppendChanges(101, Last).Complete();
        await rig.RunToEndAsync();
        return log;
    }

    // The lane that gets the seventh event makes it durable and hears no more; the others get as far as they can. Then the host dies.
    static async Task CrashAsync(Rig rig)
    {
        var stuck = new TaskCompletionSource();
        rig.Log.AppendChanges(1, First, keys: 40, markEvery: 5);
        rig.Store.BeforeWrite = async (context, batch, token) =>
        {
            if (batch.Any(change => Entry.NumberOf(change.Position) == 7))
            {
                rig.Store.Keep(context.Lane, batch);
                stuck.TrySetResult();
                await Task.Delay(Timeout.Infinite, token);
            }
        };
        await using (var running = rig.Start())
        {
            await stuck.Task;
            var lane = rig.Store.Events.First(delivered => delivered.Number == 7).Lane;
            await Until.Holds(() => running.Pipeline.Sources[0].LaneDepths().All(depth => depth.Lane == lane ? depth.Events >= 8 : depth.Events == 0));
            await running.AbortAsync();
        }

        rig.Store.BeforeWrite = null;
    }

    static async Task<Books> CrashAndFinishAsync(Rig rig, Action? between = null)
    {
        await CrashAsync(rig);
        between?.Invoke();
        rig.Log.AppendChanges(First + 1, Last, keys: 40, markEvery: 5).Complete();
        var result = await rig.RunToEndAsync();
        Assert.Equal(PipelineState.Completed, result.State);
        return result.Books[0];
    }
}
