using System.Collections.Concurrent;
using Penstock.Runtime.Routing;
using Penstock.Runtime.Tests.Support;

namespace Penstock.Runtime.Tests.Pipelines;

public sealed class BarrierTests
{
    const int Each = 300;
    const ulong Truncate = Each + 1;

    [Theory]
    [InlineData(nameof(Ordering.Key), 4)]
    [InlineData(nameof(Ordering.None), 4)]
    [InlineData(nameof(Ordering.Source), 4)]
    [InlineData(nameof(Ordering.Key), 1)]
    public async Task A_truncate_comes_once_after_everything_before_it_and_before_everything_after_it(string ordering, int lanes)
    {
        using var rig = await RunAsync(ChangeKind.Truncate, Enum.Parse<Ordering>(ordering), lanes);

        var numbers = rig.Store.Numbers.ToList();
        Assert.Single(numbers, Truncate);
        Assert.Equal(0, rig.Store.Events.Single(delivered => delivered.Number == Truncate).Lane);
        Assert.Empty(Misplaced(numbers));
        Assert.Equal((2 * Each) + 1, numbers.Count);
    }

    [Fact]
    public async Task An_event_that_is_no_barrier_is_seen_to_be_overtaken()
    {
        using var rig = await RunAsync(ChangeKind.Update, Ordering.Key, 4);

        Assert.NotEmpty(Misplaced([.. rig.Store.Numbers]));
    }

    [Fact]
    public async Task Each_sink_gets_the_barrier_once_and_a_cut_off_barrier_comes_again_whole()
    {
        using var rig = new Rig();
        var other = new SinkStore();
        var waiting = new ConcurrentQueue<int>();
        rig.Sink = rig.Sink with { Lanes = 2 };
        rig.Sinks.Add(Rig.SinkTo(other, "other") with { Lanes = 2 });
        other.BeforeWrite = async (context, _, token) =>
        {
            waiting.Enqueue(context.Lane);
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
        };
        rig.Log.Append(Entry.Change(1), Entry.Mark(1), Entry.Change(2, "", 0, ChangeKind.Truncate), Entry.Mark(2), Entry.Change(3), Entry.Mark(3)).Complete();
        await using (var running = rig.Start())
        {
            await Until.Holds(() => !waiting.IsEmpty && rig.Store.Count == 1);
            // Ends with the books balanced in both sinks.
            await running.AbortAsync();
        }

        Assert.Equal([1UL], rig.Store.Numbers);
        other.BeforeWrite = null;
        await rig.RunToEndAsync();
        Assert.Equal([1UL, 2, 3], other.Numbers);
        Assert.Equal([1UL, 2, 3], rig.Store.Numbers.Distinct());
    }

    static IEnumerable<ulong> Misplaced(List<ulong> numbers)
    {
        var at = numbers.IndexOf(Truncate);
        return numbers.Where((number, index) => (index < at && number > Truncate) || (index > at && number < Truncate));
    }

    static async Task<Rig> RunAsync(ChangeKind kind, Ordering ordering, int lanes)
    {
        var rig = new Rig();
        rig.Sink = rig.Sink with { Lanes = lanes, Ordering = ordering, Batch = new() { MaxEvents = 100 } };
        // The barrier's own lane is the fastest.
        rig.Store.BeforeWrite = static async (context, _, _) =>
        {
            for (var i = 0; i < context.Lane * 50; i++)
            {
                await Task.Yield();
            }
        };
        rig.Log.AppendChanges(1, Each, keys: 20)
            .Append(Entry.Change(Truncate, "k0", 0, kind), Entry.Mark(Truncate))
            .AppendChanges((int)Truncate + 1, (2 * Each) + 1, keys: 20).Complete();
        await rig.RunToEndAsync();
        return rig;
    }
}
