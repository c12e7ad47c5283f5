using Penstock.Runtime.Lanes;
using Penstock.Runtime.Settlement;
using Penstock.Runtime.Tests.Support;

namespace Penstock.Runtime.Tests.Lanes;

public sealed class BackpressureTests
{
    const int Last = 3_000;

    [Theory]
    [InlineData(1, 2)]
    [InlineData(10, 20)]
    [InlineData(400, 800)]
    public async Task A_stuck_sink_stops_the_pump_at_the_bound_in_events_and_it_goes_on_afterwards(int maxEvents, int bound)
    {
        // With a bound that nothing reaches the same measure shows that the pump runs ahead.
        Assert.Equal(bound, await ReadWhileStuckAsync(new BatchLimits { MaxEvents = maxEvents }, bytes: 0, settleAt: bound));
        Assert.Equal(Last, await ReadWhileStuckAsync(new BatchLimits { MaxEvents = Last * 2 }, bytes: 0, settleAt: Last));
    }

    [Fact]
    public async Task A_stuck_sink_stops_the_pump_at_the_bound_in_bytes()
    {
        // Two batches of 40 kB hold eight events of a little over 10 kB; the eighth goes over.
        Assert.Equal(8, await ReadWhileStuckAsync(new BatchLimits { MaxBytes = 40_000 }, bytes: 10_000, settleAt: 8));
    }

    [Fact]
    public async Task A_stuck_sink_stops_the_pump_at_the_sources_own_bounds()
    {
        // Ten events of a little over 10 kB reach 100 kB; each sink that holds an event counts it.
        Assert.Equal(10, await ReadWhileStuckAsync(new BatchLimits { MaxEvents = Last }, bytes: 10_000, settleAt: 10, new() { MaxBytes = 100_000 }));
        Assert.Equal(25, await ReadWhileStuckAsync(new BatchLimits { MaxEvents = Last }, bytes: 10_000, settleAt: 25, new() { MaxEvents = 25 }));
    }

    [Fact]
    public async Task One_stuck_sink_of_two_holds_the_pipeline_and_nothing_is_lost()
    {
        using var rig = new Rig();
        var other = new SinkStore();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.Sinks.Add(Rig.SinkTo(other, "other") with { Batch = new() { MaxEvents = 10 } });
        other.BeforeWrite = async (_, _, token) => await gate.Task.WaitAsync(token);
        rig.Log.AppendChanges(1, Last).Complete();
        await using var running = rig.Start();

        await Until.Holds(() => rig.Store.Count == 20);
        await Until.Holds(() => running.Read == 20);
        Assert.Equal(0, other.Count);
        Assert.Empty(running.Source.Acknowledged);
        gate.SetResult();
        await running.EndAsync();

        Oracle.AssertExact(rig.Store, Last);
        Oracle.AssertExact(other, Last);
        Assert.Equal(Last, running.Source.Acknowledged.Count);
    }

    [Fact]
    public async Task A_lane_that_is_stuck_on_one_event_does_not_let_the_others_run_away()
    {
        using var rig = new Rig { InFlight = new() { MaxEvents = 80 } };
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var highest = 0L;
        rig.Sink = rig.Sink with { Lanes = 2, Batch = new() { MaxEvents = 10 } };
        rig.MakeSource = () => new ScriptedSource(rig.Log) { BeforeYield = yielded => highest = Math.Max(highest, yielded) };
        rig.Store.BeforeWrite = async (_, batch, token) =>
        {
            if (batch.Any(change => Entry.NumberOf(change.Position) == 1))
            {
                await gate.Task.WaitAsync(token);
            }
        };
        // Only the first event goes to the stuck lane, which stays almost empty.
        var stuck = Enumerable.Range(0, 100).Select(number => $"k{number}").ToLookup(LaneOf);
        rig.Log.Append(Entry.Change(1, stuck[0].First())).Append(Enumerable.Range(2, Last - 1).Select(number => Entry.Change((ulong)number, stuck[1].First()))).Complete();
        await using var running = rig.Start();

        await Until.Holds(() => running.Read == 80 && rig.Store.Count == 79);
        Assert.Equal(80, Interlocked.Read(ref highest) + 1);
        gate.SetResult();
        await running.EndAsync();

        Oracle.AssertExact(rig.Store, Last);
        Assert.Equal(Last, highest + 1);
    }

    static int LaneOf(string key) => (int)(new Runtime.Routing.KeyHash().Of((ChangeEvent)Entry.Change(1, key).Make()) % 2);

    // How many events the source had been asked for when the sink was let go.
    static async Task<int> ReadWhileStuckAsync(BatchLimits limits, int bytes, int settleAt, InFlightLimits? inFlight = null)
    {
        using var rig = new Rig { InFlight = inFlight ?? new() };
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ahead = 0;
        rig.Sink = rig.Sink with { Batch = limits };
        rig.Store.BeforeWrite = async (_, _, token) => await gate.Task.WaitAsync(token);
        rig.MakeSource = () => new ScriptedSource(rig.Log) { BeforeYield = yielded => ahead = Math.Max(ahead, yielded + 1 - rig.Store.Count) };
        rig.Log.Append(Enumerable.Range(1, Last).Select(number => Entry.Change((ulong)number, "k", bytes))).Complete();
        await using var running = rig.Start();

        await Until.Holds(() => running.Read == settleAt);
        gate.SetResult();
        await running.EndAsync();

        Oracle.AssertExact(rig.Store, Last);
        return ahead;
    }
}
