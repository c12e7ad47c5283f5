using Penstock.Runtime.Routing;
using Penstock.Runtime.Tests.Support;

namespace Penstock.Runtime.Tests.Settlement;

/// <summary>
/// +100, −20 and +15 for one account. With key order every balance on the way is right; without it only the last one is; without positions not
/// even that after a crash, for the events are sums, not states.
/// </summary>
public sealed class BalancesTests
{
    static readonly int[] Changes = [100, -20, 15];

    [Fact]
    public async Task Sinks_that_store_positions_end_with_the_right_balance_after_any_crash()
    {
        var (ordered, unordered, plain) = await CrashAfterEachWriteAsync();

        Assert.Equal([100, 80, 95], ordered);
        Assert.Equal(95, unordered[^1]);
        // What the positions are for: the same crashes, and a balance that is wrong.
        Assert.NotEqual(95, plain[^1]);
    }

    [Fact]
    public void The_unordered_sink_may_show_balances_that_never_were()
    {
        var lanes = new LaneLayout(4, Ordering.None);

        Assert.NotEqual(1, Changes.Select((_, i) => lanes.LaneOf(0, PositionOf(i))).Distinct().Count());
        Assert.Single(Changes.Select((_, i) => new LaneLayout(4, Ordering.Key).LaneOf(7, PositionOf(i))).Distinct());
    }

    static SourcePosition PositionOf(int change) => new("", SourcePosition.Compose((ulong)change + 1, 0));

    // Each sink dies once after each write that it made durable, before the host hears of it.
    static async Task<(List<int> Ordered, List<int> Unordered, List<int> Plain)> CrashAfterEachWriteAsync()
    {
        using var rig = new Rig();
        SinkStore unordered = new(), plain = new();
        rig.Sinks.Clear();
        rig.Sinks.Add(Rig.ResumableSinkTo(rig.Store, "ordered") with { Lanes = 4, Batch = new() { MaxEvents = 1 } });
        rig.Sinks.Add(Rig.ResumableSinkTo(unordered, "unordered") with { Lanes = 4, Ordering = Ordering.None, Batch = new() { MaxEvents = 1 } });
        rig.Sinks.Add(Rig.SinkTo(plain, "plain") with { Lanes = 4, Batch = new() { MaxEvents = 1 } });
        rig.Log.AppendChanges(1, Changes.Length, markEvery: Changes.Length).Complete();
        var crashes = 0;
        foreach (var store in (SinkStore[])[rig.Store, unordered, plain])
        {
            for (var write = 1; write <= Changes.Length; write++)
            {
                store.AfterWrite = _ => throw new PluginException(FailureKind.Permanent, "the host died");
                crashes += (await rig.RunToEndAsync()).State == PipelineState.Failed ? 1 : 0;
                store.AfterWrite = null;
            }
        }

        // The first sink alone dies three times; by then the others may have everything.
        Assert.InRange(crashes, Changes.Length, Changes.Length * 3);
        Assert.Equal(PipelineState.Completed, (await rig.RunToEndAsync()).State);
        return (Balances(rig.Store), Balances(unordered), Balances(plain));
    }

    static List<int> Balances(SinkStore store)
    {
        var balance = 0;
        return [.. store.Numbers.Select(number => balance += Changes[number - 1])];
    }
}
