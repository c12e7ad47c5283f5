using System.Collections.Concurrent;
using Penstock.Runtime.Routing;
using Penstock.Runtime.Tests.Support;

namespace Penstock.Runtime.Tests.Pipelines;

public sealed class SchemaBarrierTests
{
    const int Each = 300;

    [Theory]
    [InlineData(nameof(Ordering.Key), 4)]
    [InlineData(nameof(Ordering.None), 4)]
    [InlineData(nameof(Ordering.Source), 4)]
    [InlineData(nameof(Ordering.Key), 1)]
    public async Task A_change_of_shape_comes_once_after_all_rows_before_it_and_before_all_rows_behind_it(string ordering, int lanes)
    {
        using var rig = new Rig();
        rig.Sink = rig.Sink with { Lanes = lanes, Ordering = Enum.Parse<Ordering>(ordering), Batch = new() { MaxEvents = 100 } };
        // Lane 0, which is told, is the fastest.
        rig.Store.BeforeWrite = static async (context, _, _) =>
        {
            for (var i = 0; i < context.Lane * 50; i++)
            {
                await Task.Yield();
            }
        };
        var told = new ConcurrentQueue<(int Lane, int Before, ulong Newest)>();
        rig.Store.OnSchemaChange = (lane, _) => told.Enqueue((lane, rig.Store.Count, rig.Store.Numbers.Max()));
        rig.Log.AppendChanges(1, Each, keys: 20).Append(Entry.Shape(Each), Entry.Mark(Each)).AppendChanges(Each + 1, 2 * Each, keys: 20).Complete();

        await rig.RunToEndAsync();

        Assert.Equal((0, Each, (ulong)Each), Assert.Single(told));
        Oracle.AssertEachOnce(rig.Store, 2 * Each);
    }

    [Fact]
    public async Task What_follows_waits_until_the_sink_has_taken_the_change()
    {
        using var rig = new Rig();
        var attempts = 0;
        var acknowledged = new List<int>();
        rig.Store.OnSchemaChange = (_, _) =>
        {
            acknowledged.Add(rig.CheckpointedOrder() > Entry.Mark(1).Order ? 1 : 0);
            _ = ++attempts < 20 ? throw new IOException("not yet") : 0;
        };
        rig.Log.Append(Entry.Change(1), Entry.Mark(1), Entry.Shape(1), Entry.Mark(2), Entry.Change(3), Entry.Mark(3)).Complete();

        await rig.RunToEndAsync();

        Assert.Equal(20, attempts);
        // Neither a row nor the watermark that says that the change is known.
        Assert.All(acknowledged, each => Assert.Equal(0, each));
        Assert.Equal([1UL, 3], rig.Store.Numbers);
    }

    [Fact]
    public async Task A_sink_that_does_not_act_on_shapes_is_not_waited_for()
    {
        using var rig = new Rig();
        var other = new SinkStore();
        using var gate = new SemaphoreSlim(0);
        var told = 0;
        rig.Store.OnSchemaChange = (_, _) => told++;
        rig.Sinks.Add(new("other", context => new Indifferent(new RecordingSink(other, context))) { Lanes = 2 });
        other.BeforeWrite = async (_, _, token) => await gate.WaitAsync(token);
        rig.Log.Append(Entry.Change(1), Entry.Mark(1), Entry.Shape(1), Entry.Mark(2), Entry.Change(3), Entry.Mark(3)).Complete();
        await using var running = rig.Start();

        await Until.Holds(() => rig.Store.Count == 2);
        Assert.Equal((1, 0), (told, other.Count));
        gate.Release(10);
        await running.EndAsync();
        Assert.Equal([1UL, 3], other.Numbers.Order().ToList());
    }

    sealed class Indifferent(ISink inner) : ISink
    {
        public SinkTraits Traits => inner.Traits;

        public ValueTask OpenAsync(CancellationToken cancellationToken) => inner.OpenAsync(cancellationToken);

        public ValueTask WriteAsync(IReadOnlyList<ChangeEvent> batch, CancellationToken cancellationToken) => inner.WriteAsync(batch, cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
