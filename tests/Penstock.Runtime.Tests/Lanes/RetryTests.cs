using System.Collections.Concurrent;
using Penstock.Runtime.Tests.Support;

namespace Penstock.Runtime.Tests.Lanes;

public sealed class RetryTests
{
    [Fact]
    public async Task A_failed_batch_is_sent_again_whole_and_before_what_follows()
    {
        using var rig = new Rig();
        var attempts = new ConcurrentQueue<ulong[]>();
        rig.Sink = rig.Sink with { Batch = new() { MaxEvents = 10 } };
        rig.Store.BeforeWrite = (_, batch, _) =>
        {
            attempts.Enqueue([.. batch.Select(change => Entry.NumberOf(change.Position))]);
            return attempts.Count % 3 == 0 ? default : throw new IOException("the server went away");
        };
        rig.Log.AppendChanges(1, 100, keys: 3).Complete();

        var result = await rig.RunToEndAsync();

        Assert.Equal(PipelineState.Completed, result.State);
        Oracle.AssertExact(rig.Store, 100);
        Assert.Equal(rig.Store.Batches.Count * 3, attempts.Count);
        Assert.All(attempts.Chunk(3), triple => Assert.All(triple, attempt => Assert.Equal(triple[0], attempt)));
    }

    [Fact]
    public async Task A_cancellation_of_the_sinks_own_is_an_ordinary_failure()
    {
        using var rig = new Rig();
        var attempts = 0;
        rig.Store.BeforeWrite = (_, _, _) => ++attempts == 1 ? throw new TaskCanceledException("the sink's own timeout") : default;
        rig.Log.AppendChanges(1, 5).Complete();

        await rig.RunToEndAsync();

        Assert.True(attempts > 1);
        Oracle.AssertExact(rig.Store, 5);
    }

    [Fact]
    public async Task A_transient_failure_is_retried_for_ever_with_capped_full_jitter()
    {
        using var rig = new Rig();
        var time = new ManualTime();
        var isDown = true;
        var attempts = 0;
        rig.Services = rig.Services with { Time = time, Random = new Random(7) };
        rig.Options = rig.Options with { CheckpointInterval = TimeSpan.FromDays(365) };
        rig.Sink = rig.Sink with { Retry = new() { Initial = TimeSpan.FromMilliseconds(100), Max = TimeSpan.FromSeconds(30) } };
        rig.Store.BeforeWrite = (_, _, _) =>
        {
            Interlocked.Increment(ref attempts);
            return Volatile.Read(ref isDown) ? throw new PluginException(FailureKind.Transient, "down") : default;
        };
        rig.Log.AppendChanges(1, 5);
        await using var running = rig.Start();

        var pauses = new Random(7);
        for (var failures = 0; failures < 50; failures++)
        {
            var ceiling = Math.Min(30_000, 100 * Math.Pow(2, failures));
            var expected = TimeSpan.FromTicks((long)(ceiling * pauses.NextDouble() * TimeSpan.TicksPerMillisecond));
            await Until.Holds(() => Volatile.Read(ref attempts) == failures + 1 && time.NextDue <= TimeSpan.FromSeconds(30));
            var pause = time.NextDue!.Value;
            Assert.InRange(pause - expected, TimeSpan.FromMilliseconds(-1), TimeSpan.FromMilliseconds(1));
            if (failures == 49)
            {
                Volatile.Write(ref isDown, false);
            }

            // Not a moment earlier.
            time.Advance(pause - TimeSpan.FromTicks(1));
            Assert.Equal(failures + 1, Volatile.Read(ref attempts));
            time.Advance(TimeSpan.FromMilliseconds(1));
        }

        await Until.Holds(() => rig.Store.Count == 5);
        Assert.Equal(51, attempts);
    }

    [Fact]
    public async Task A_permanent_failure_stops_the_pipeline_and_says_why()
    {
        using var rig = new Rig();
        rig.Store.BeforeWrite = (_, _, _) => throw new PluginException(FailureKind.Permanent, "no such table; create it");
        rig.Log.AppendChanges(1, 5);

        var result = await rig.RunToEndAsync();

        Assert.Equal(PipelineState.Failed, result.State);
        Assert.Equal("p/sink, lane 0: no such table; create it", result.Reason);
        Assert.Equal(5, result.Books[0].InFlight);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(9)]
    public async Task A_poisoned_event_halts_and_what_lies_before_it_is_settled(int index)
    {
        using var rig = new Rig();
        rig.Sink = rig.Sink with { Batch = new() { MaxEvents = 10 } };
        rig.Store.BeforeWrite = (context, batch, _) =>
        {
            if (rig.Store.Count != 10)
            {
                return default;
            }

            rig.Store.Keep(context.Lane, [.. batch.Take(index)]);
            throw PluginException.Poison(index, "a value that does not fit");
        };
        rig.Log.AppendChanges(1, 30).Complete();

        var result = await rig.RunToEndAsync();

        Assert.Equal(PipelineState.Failed, result.State);
        Assert.EndsWith("a value that does not fit", result.Reason);
        Assert.Equal(10 + index, result.Books[0].Delivered);
        Assert.Equal(SourcePosition.Compose((ulong)(10 + index), 1), rig.CheckpointedOrder());

        rig.Store.BeforeWrite = null;
        await rig.RunToEndAsync();
        Oracle.AssertExact(rig.Store, 30);
    }

    [Fact]
    public async Task A_lost_position_is_a_state_of_its_own()
    {
        using var rig = new Rig();
        rig.MakeSource = () => new ScriptedSource(rig.Log) { BeforeYield = _ => throw new PluginException(FailureKind.PositionLost, "the slot is gone") };
        rig.Log.AppendChanges(1, 5);

        var result = await rig.RunToEndAsync();

        Assert.Equal(PipelineState.PositionLost, result.State);
        Assert.Equal("p/s: the slot is gone", result.Reason);
    }

    [Fact]
    public async Task A_sink_that_can_never_open_is_reported_while_another_keeps_trying()
    {
        using var rig = new Rig();
        rig.Store.OnOpen = (_, _) => throw new IOException("not up yet");
        var other = new SinkStore { OnOpen = (_, _) => throw new PluginException(FailureKind.Permanent, "wrong password") };
        rig.Sinks.Add(Rig.SinkTo(other, "other"));

        var result = await rig.RunToEndAsync();

        Assert.Equal(PipelineState.Failed, result.State);
        Assert.Equal("p/other, lane 0: wrong password", result.Reason);
    }

    [Fact]
    public async Task A_sink_that_cannot_be_made_fails_its_pipeline_with_the_reason()
    {
        using var rig = new Rig();
        rig.Sink = new SinkPlan("sink", _ => throw new InvalidOperationException("no such codec"));

        var result = await rig.RunToEndAsync();

        Assert.Equal(PipelineState.Failed, result.State);
        Assert.Equal("p: no such codec", result.Reason);
    }
}
