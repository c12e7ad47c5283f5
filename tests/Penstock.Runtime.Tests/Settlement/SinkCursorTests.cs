using Penstock.Runtime.Tests.Support;

namespace Penstock.Runtime.Tests.Settlement;

/// <summary>One sink is stuck, another is far ahead of it, and the host dies.</summary>
public sealed class SinkCursorTests
{
    const int First = 100;
    const int Last = 150;

    [Fact]
    public async Task What_the_faster_sink_has_is_not_sent_to_it_again()
    {
        var (fast, slow) = await CrashAndFinishAsync(PositionOrder.Partition);

        Oracle.AssertExact(fast, Last);
        Oracle.AssertComplete(slow, Last);
    }

    [Fact]
    public async Task Without_ordered_positions_nothing_can_be_skipped()
    {
        var (fast, slow) = await CrashAndFinishAsync(PositionOrder.None);

        Oracle.AssertComplete(fast, Last);
        Oracle.AssertComplete(slow, Last);
        Assert.Equal(First, Oracle.Repeated(fast).Count());
    }

    [Fact]
    public async Task A_new_sink_starts_at_the_checkpoint_and_the_log_says_so()
    {
        using var rig = new Rig();
        var (added, log) = (new SinkStore(), new LogBook());
        rig.Services = rig.Services with { LoggerFactory = log };
        rig.Log.AppendChanges(1, First);
        await using (var running = rig.Start())
        {
            await Until.Holds(() => running.Source.Acknowledged.Count == First);
            await running.StopAsync();
        }

        Assert.False(log.Has(118));
        rig.Sinks.Add(Rig.SinkTo(added, "added"));
        rig.Log.AppendChanges(First + 1, Last).Complete();
        await rig.RunToEndAsync();

        Assert.Equal(Enumerable.Range(First + 1, Last - First).Select(number => (ulong)number), added.Numbers);
        Assert.True(log.Has(118));
        Oracle.AssertExact(rig.Store, Last);
    }

    static async Task<(SinkStore Fast, SinkStore Slow)> CrashAndFinishAsync(PositionOrder order)
    {
        using var rig = new Rig();
        var slow = new SinkStore { BeforeWrite = static async (_, _, token) => await Task.Delay(Timeout.Infinite, token) };
        rig.MakeSource = () => new ScriptedSource(rig.Log) { Traits = ScriptedSource.TraitsOf(order) };
        rig.Sink = rig.Sink with { Lanes = 3 };
        rig.Sinks.Add(Rig.SinkTo(slow, "slow"));
        rig.Log.AppendChanges(1, First, keys: 7);
        await using (var running = rig.Start())
        {
            await Until.Holds(() => rig.Store.Count == First);
            Assert.Empty(running.Source.Acknowledged);
            await running.AbortAsync();
        }

        slow.BeforeWrite = null;
        rig.Log.AppendChanges(First + 1, Last, keys: 7).Complete();
        Assert.Equal(PipelineState.Completed, (await rig.RunToEndAsync()).State);
        return (rig.Store, slow);
    }
}
