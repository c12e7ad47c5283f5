using System.Diagnostics;
using Penstock.Runtime.Tests.Support;

namespace Penstock.Runtime.Tests.Pipelines;

public sealed class StopTests
{
    static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(100);

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    // Reading stops between two watermarks: what lies between them must not come again either.
    [InlineData(100_000)]
    public async Task A_clean_stop_and_restart_repeats_nothing_and_loses_nothing(int markEvery)
    {
        const int Last = 6_000;
        using var rig = new Rig();
        rig.Sink = rig.Sink with { Lanes = 3, Batch = new() { MaxEvents = 50 } };
        rig.Log.AppendChanges(1, Last, keys: 13, markEvery: markEvery);
        for (var stops = 1; stops <= 4; stops++)
        {
            await using var running = rig.Start();
            await Until.Holds(() => rig.Store.Count > Last / 5 * stops);
            var result = await running.StopAsync();
            Assert.Equal(PipelineState.Completed, result.State);
            Assert.Equal(0, result.Books[0].InFlight);
        }

        Assert.NotEmpty(Oracle.Lost(rig.Store, Last + 1));
        rig.Log.Complete();
        await rig.RunToEndAsync();
        Oracle.AssertExact(rig.Store, Last);
    }

    [Fact]
    public async Task An_unordered_source_goes_on_after_its_last_watermark_only()
    {
        using var rig = new Rig();
        rig.MakeSource = () => new ScriptedSource(rig.Log) { Traits = ScriptedSource.TraitsOf(PositionOrder.None) };
        rig.Log.Append(Entry.Change(1), Entry.Mark(1), Entry.Change(2));
        await using (var running = rig.Start())
        {
            await Until.Holds(() => rig.Store.Count == 2);
            await running.StopAsync();
        }

        Assert.Equal(SourcePosition.Compose(1, 1), rig.CheckpointedOrder());
    }

    [Fact]
    public async Task A_finite_source_ends_the_pipeline_however_long_its_sink_takes()
    {
        using var rig = new Rig();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = new LogBook();
        rig.Options = rig.Options with { DrainTimeout = TimeSpan.Zero };
        rig.Services = rig.Services with { LoggerFactory = log };
        rig.Store.BeforeWrite = async (_, _, token) => await gate.Task.WaitAsync(token);
        rig.Log.AppendChanges(1, 10).Complete();
        await using var running = rig.Start();

        await Until.Holds(() => running.Read == 10);
        gate.SetResult();
        var result = await running.EndAsync();

        Assert.Equal(PipelineState.Completed, result.State);
        Assert.Equal(10, result.Books[0].Delivered);
        Assert.Equal(10, running.Source.Acknowledged.Count);
        Assert.False(log.Has(112));
        Assert.True(running.Source.IsDisposed);
    }

    // With 10 events the pump waits for the source, with 5000 for room that never comes.
    [Theory]
    [InlineData(10)]
    [InlineData(5_000)]
    public async Task A_stuck_sink_is_waited_for_until_the_drain_deadline_and_its_events_come_again(int last)
    {
        using var rig = new Rig();
        var log = new LogBook();
        rig.Options = rig.Options with { DrainTimeout = Soon };
        rig.Services = rig.Services with { LoggerFactory = log };
        rig.Sink = rig.Sink with { Batch = new() { MaxEvents = 100 } };
        rig.Store.BeforeWrite = (_, _, _) => rig.Store.Count < 5 ? default : throw new IOException("down");
        rig.Log.AppendChanges(1, 5);
        await using (var running = rig.Start())
        {
            await Until.Holds(() => rig.Store.Count == 5);
            rig.Log.AppendChanges(6, last);
            await Until.Holds(() => running.Read == Math.Min(last, 205));
            var result = await running.StopAsync();

            Assert.Equal(PipelineState.Completed, result.State);
            Assert.True(log.Has(112));
            Assert.True(result.Books[0].InFlight > 0);
        }

        rig.Store.BeforeWrite = null;
        rig.Log.Complete();
        await rig.RunToEndAsync();
        Oracle.AssertComplete(rig.Store, last);
    }

    [Fact]
    public async Task Parts_that_hang_while_closing_are_waited_for_side_by_side()
    {
        using var rig = new Rig();
        var plan = new PipelinePlan(
            "p",
            [new SourcePlan("s", _ => new ScriptedSource(rig.Log.Complete()))],
            [.. Enumerable.Range(0, 8).Select(number => new SinkPlan($"sink{number}", _ => new HangingSink()))]);

        var clock = Stopwatch.StartNew();
        var result = await new Pipeline(plan, rig.Options, rig.Services).RunAsync(CancellationToken.None, CancellationToken.None);

        Assert.Equal(PipelineState.Completed, result.State);
        // One after the other they would take 16 s, and a stop would not fit into what an orchestrator waits.
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task A_stop_while_a_sink_cannot_open_ends_at_once()
    {
        using var rig = new Rig();
        var attempts = 0;
        rig.Store.OnOpen = (_, _) => Interlocked.Increment(ref attempts) > 0 ? throw new IOException("not up") : default;
        rig.Log.AppendChanges(1, 5);
        await using var running = rig.Start();

        await Until.Holds(() => Volatile.Read(ref attempts) > 2);
        var result = await running.StopAsync();

        Assert.Equal(PipelineState.Completed, result.State);
        Assert.Empty(running.Source.Resumed);
    }

    [Fact]
    public async Task Nothing_is_read_before_every_lane_is_open()
    {
        using var rig = new Rig();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var opened = 0;
        rig.Sink = rig.Sink with { Lanes = 3 };
        rig.Store.OnOpen = async (context, token) =>
        {
            if (context.Lane == 2)
            {
                await gate.Task.WaitAsync(token);
            }

            Interlocked.Increment(ref opened);
        };
        var openWhenRead = 0;
        rig.MakeSource = () => new ScriptedSource(rig.Log) { BeforeYield = yielded => openWhenRead = yielded == 0 ? opened : openWhenRead };
        rig.Log.AppendChanges(1, 5).Complete();
        await using var running = rig.Start();

        await Until.Holds(() => Volatile.Read(ref opened) == 2);
        Assert.Empty(running.Source.Resumed);
        gate.SetResult();
        await running.EndAsync();

        Assert.Equal(3, openWhenRead);
    }

    [Fact]
    public async Task An_acknowledgement_on_its_way_is_finished_before_the_end()
    {
        using var rig = new Rig();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var wasAsked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.MakeSource = () => new ScriptedSource(rig.Log)
        {
            OnAcknowledge = async (_, token) =>
            {
                wasAsked.TrySetResult();
                await gate.Task.WaitAsync(token);
            },
        };
        rig.Log.AppendChanges(1, 5).Complete();
        await using var running = rig.Start();

        await wasAsked.Task;
        var ended = running.StopAsync();
        await Until.Holds(() => rig.Store.Count == 5);
        gate.SetResult();
        await ended;

        Assert.Equal(running.Source.Emitted, running.Source.Acknowledged, ReferenceEqualityComparer.Instance);
    }

    [Fact]
    public async Task A_failure_that_nobody_foresaw_ends_the_pipeline_as_failed()
    {
        using var rig = new Rig();
        // Longer than any timer takes.
        rig.Options = rig.Options with { CheckpointInterval = TimeSpan.FromDays(365) };
        rig.Log.AppendChanges(1, 5);
        await using var running = rig.Start();

        var result = await running.EndAsync();

        Assert.Equal(PipelineState.Failed, result.State);
        Assert.StartsWith("p: ", result.Reason);
        Assert.True(running.Source.IsDisposed);
    }

    [Fact]
    public async Task An_abort_waits_for_nothing_and_the_next_start_repeats()
    {
        using var rig = new Rig();
        rig.Store.BeforeWrite = async (_, _, token) => await Task.Delay(Timeout.InfiniteTimeSpan, token);
        rig.Log.AppendChanges(1, 5_000);
        await using (var running = rig.Start())
        {
            await Until.Holds(() => running.Read == 2_000);
            var result = await running.AbortAsync();
            Assert.Equal(2_000, result.Books[0].InFlight);
        }

        rig.Store.BeforeWrite = null;
        rig.Log.Complete();
        await rig.RunToEndAsync();
        Oracle.AssertExact(rig.Store, 5_000);
    }

    sealed class HangingSink : ISink
    {
        public SinkTraits Traits { get; } = new() { Durability = Durability.None };

        public ValueTask OpenAsync(CancellationToken cancellationToken) => default;

        public ValueTask WriteAsync(IReadOnlyList<ChangeEvent> batch, CancellationToken cancellationToken) => default;

        public ValueTask DisposeAsync() => new(Task.Delay(Timeout.InfiniteTimeSpan));
    }
}
