using Penstock.Runtime.Routing;
using Penstock.Runtime.Tests.Support;

namespace Penstock.Runtime.Tests.Routing;

public sealed class OrderTests
{
    const int Last = 4_000;

    [Fact]
    public async Task Key_order_holds_over_lanes_that_take_different_time()
    {
        using var rig = await RunAsync(Ordering.Key);

        Oracle.AssertExact(rig.Store, Last);
        Assert.Equal(4, Lanes(rig.Store));
        Assert.All(rig.Store.Events.GroupBy(delivered => delivered.Key), key => Assert.Single(key.Select(delivered => delivered.Lane).Distinct()));
    }

    [Fact]
    public async Task Source_order_uses_one_lane_and_keeps_everything_in_order()
    {
        using var rig = await RunAsync(Ordering.Source);

        Assert.Equal(Enumerable.Range(1, Last).Select(number => (ulong)number), rig.Store.Numbers);
    }

    [Fact]
    public async Task No_order_uses_all_lanes_about_evenly_and_breaks_key_order()
    {
        using var rig = await RunAsync(Ordering.None);

        Assert.Empty(Oracle.Lost(rig.Store, Last));
        Assert.All(rig.Store.Events.GroupBy(delivered => delivered.Lane), lane => Assert.InRange(lane.Count(), Last / 5, Last / 3));
        // The same run without key order: the check of the first test would have seen it.
        Assert.NotEmpty(Oracle.OutOfOrder(rig.Store));
    }

    [Fact]
    public async Task No_order_finds_the_same_lane_again_after_a_restart()
    {
        using var first = await RunAsync(Ordering.None);
        using var second = await RunAsync(Ordering.None);

        Assert.Equal(LaneByNumber(first), LaneByNumber(second));
        // Not because there is only one to find.
        Assert.Equal(4, LaneByNumber(first).Values.Distinct().Count());
    }

    static SortedDictionary<ulong, int> LaneByNumber(Rig rig) => new(rig.Store.Events.ToDictionary(delivered => delivered.Number, delivered => delivered.Lane));

    static async Task<Rig> RunAsync(Ordering ordering)
    {
        var rig = new Rig();
        rig.Sink = rig.Sink with { Lanes = 4, Ordering = ordering, Batch = new() { MaxEvents = 20 } };
        // Lane n gives way n times before each write, so that the lanes drift apart.
        rig.Store.BeforeWrite = static async (context, _, _) =>
        {
            for (var i = 0; i < context.Lane * 5; i++)
            {
                await Task.Yield();
            }
        };
        rig.Log.AppendChanges(1, Last, keys: 37, markEvery: 10).Complete();

        var result = await rig.RunToEndAsync();

        Assert.Equal(PipelineState.Completed, result.State);
        return rig;
    }

    static int Lanes(SinkStore store) => store.Events.Select(delivered => delivered.Lane).Distinct().Count();
}
