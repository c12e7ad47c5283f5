using Penstock.Runtime.Routing;
using Penstock.Runtime.Settlement;
using Penstock.Runtime.Tests.Support;

namespace Penstock.Runtime.Tests.Settlement;

/// <summary>A position that a sink once told of and tells of no more: lost, unless its data is such as people move away.</summary>
public sealed class MissingPositionTests
{
    const int Last = 200;

    [Fact]
    [Trait("Scenario", "SR03")]
    public async Task A_sink_whose_positions_are_never_moved_away_has_lost_what_it_tells_no_more_of()
    {
        using var rig = new Rig();
        rig.Sink = Rig.ResumableSinkTo(rig.Store) with { MissingPositionIsLoss = true };
        rig.Log.AppendChanges(1, 100);
        await using (var running = rig.Start())
        {
            await Until.Holds(() => rig.CheckpointedOrder() == SourcePosition.Compose(100, 1));
            await running.StopAsync();
        }

        rig.Store.Forget(after: 0);
        rig.Log.AppendChanges(101, Last).Complete();
        var refused = await rig.RunToEndAsync();

        Assert.Equal(PipelineState.PositionLost, refused.State);
        Assert.Contains("SinkRewound", refused.Reason, StringComparison.Ordinal);
        Assert.Contains("positions reset p/s", refused.Reason, StringComparison.Ordinal);
        Assert.Empty(rig.Store.Numbers);

        // An operator decides: from here, by penstock positions reset.
        rig.RewriteCheckpoint(checkpoint => checkpoint with
        {
            Partitions = [new Watermark(Of("", 50))],
            Sinks = [.. checkpoint.Sinks.Select(cursor => cursor.ResetTo(Of("", 50)))],
            IsReset = true,
        });
        Assert.Equal(PipelineState.Completed, (await rig.RunToEndAsync()).State);
        Assert.Equal(Enumerable.Range(51, Last - 50).Select(number => (ulong)number), rig.Store.Numbers);
    }

    [Fact]
    public void One_partition_that_a_lane_tells_no_more_of_is_lost_too()
    {
        var error = Assert.Throws<PipelineFailureException>(() => Resume(missingIsLoss: true, new StoredPosition("s", Of("a", 5))));
        Assert.Contains("b@", error.Message, StringComparison.Ordinal);
        Assert.Equal(FailureKind.PositionLost, Assert.IsType<PluginException>(error.InnerException).Kind);

        // What another source has stored there is no position of this one.
        Assert.Throws<PipelineFailureException>(() => Resume(missingIsLoss: true, new StoredPosition("other", Of("a", 5))));
    }

    [Fact]
    public void All_that_is_lost_is_named_at_once_and_a_reset_decides_for_its_own_partition_only()
    {
        var none = new StoredPosition("other", Of("c", 1));
        var both = Assert.Throws<PipelineFailureException>(() => Resume(missingIsLoss: true, none));
        Assert.Contains("a@", both.Message, StringComparison.Ordinal);
        Assert.Contains("b@", both.Message, StringComparison.Ordinal);

        var other = Assert.Throws<PipelineFailureException>(() => Resume(missingIsLoss: true, none, cursor => cursor.ResetTo(Of("a", 5))));
        Assert.DoesNotContain("a@", other.Message, StringComparison.Ordinal);
        Assert.Contains("b@", other.Message, StringComparison.Ordinal);

        Assert.False(Resume(missingIsLoss: true, none, cursor => cursor.ResetTo(Of("a", 5)).ResetTo(Of("b", 7))));
    }

    [Fact]
    public void Where_data_is_moved_away_one_partition_that_is_gone_is_logged()
    {
        Assert.True(Resume(missingIsLoss: false, new StoredPosition("s", Of("a", 5))));

        // Kept for each subject apart, nothing tells what is lacking.
        Assert.False(Resume(missingIsLoss: false, new StoredPosition("s", Of("a", 5)) { Subject = "orders" }));

        // As of a table's snapshot, whose rows lie far back in a file of changes.
        Assert.False(Resume(missingIsLoss: false, new StoredPosition("s", Of("", 9))));
    }

    [Theory]
    [InlineData(PositionOrder.None)]
    [InlineData(PositionOrder.Partition)]
    public async Task An_event_tells_its_sink_whether_its_position_can_be_compared(PositionOrder order)
    {
        using var rig = new Rig();
        var seen = new HashSet<PositionOrder>();
        rig.MakeSource = () => new ScriptedSource(rig.Log) { Traits = ScriptedSource.TraitsOf(order) };
        rig.Store.BeforeWrite = (_, batch, _) =>
        {
            seen.UnionWith(batch.Select(change => change.Origin.PositionOrder));
            return default;
        };
        rig.Log.AppendChanges(1, 10).Complete();

        await rig.RunToEndAsync();

        Assert.Equal([order], seen);
    }

    static SourcePosition Of(string partition, ulong number) => new(partition, SourcePosition.Compose(number, 0));

    // A lane that held two partitions, after a restart; whether the log says that one is gone.
    static bool Resume(bool missingIsLoss, StoredPosition stored, Func<SinkCursor, SinkCursor>? decide = null)
    {
        var layout = new LaneLayout(1, Ordering.Key);
        SourcePosition[] held = [Of("a", 5), Of("b", 7)];
        var checkpoint = new Checkpoint(1, [.. held.Select(position => new Watermark(position))])
        {
            Sinks = [(decide ?? (cursor => cursor))(new SinkCursor("sink", layout, held) { Held = [held] })],
            IsReset = decide is not null,
        };
        using var log = new LogBook();
        new Resumption("p", "s", checkpoint, log).Add(new SinkState("sink", layout, [[stored]]) { MissingPositionIsLoss = missingIsLoss });
        return log.Has(119);
    }
}
