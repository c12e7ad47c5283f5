using Penstock.Runtime.Diagnostics;
using Penstock.Runtime.Tests.Support;
using Penstock.TestServers;

namespace Penstock.Runtime.Tests.Diagnostics;

/// <summary>A running pipeline tells which of its steps fails or does not end, and for how long.</summary>
public sealed class PipelineStatusTests
{
    [Fact]
    public async Task A_sink_that_fails_and_one_that_hangs_are_told_apart_and_what_works_is_neither()
    {
        using var rig = new Rig();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var fails = true;
        rig.Store.BeforeWrite = async (_, _, token) =>
        {
            if (Volatile.Read(ref fails))
            {
                throw new IOException("the server went away");
            }

            await gate.Task.WaitAsync(token);
        };
        rig.Log.AppendChanges(1, 5);
        await using var running = rig.Start();

        await Eventually.HoldsAsync(() => Step(StepKind.Write)?.Reason == "the server went away", "the write fails");
        Assert.NotNull(Step(StepKind.Write)!.Failing);
        Assert.Equal(("sink", 0), (Step(StepKind.Write)!.Part, Step(StepKind.Write)!.Lane));
        Assert.Equal(new SourceProgress("s", 5, 0) { HeldBy = ("sink", 0) }, Assert.Single(running.Pipeline.Status.Sources));

        Volatile.Write(ref fails, false);
        await Eventually.HoldsAsync(() => Step(StepKind.Write)!.UnderWay > TimeSpan.FromMilliseconds(50), "the write hangs");

        gate.SetResult();
        await Eventually.HoldsAsync(() => Step(StepKind.Write) is { Failing: null, UnderWay: null }, "the write is done");
        await Eventually.HoldsAsync(() => running.Pipeline.Status.Sources[0] == new SourceProgress("s", 5, 5), "all is settled");
        Assert.All([StepKind.Read, StepKind.Checkpoint, StepKind.Acknowledge], kind => Assert.Null(Step(kind)!.Failing));
        Assert.True(Step(StepKind.Read)!.HasWorked);

        StepStatus? Step(StepKind kind) => running.Pipeline.Status.Steps.FirstOrDefault(step => step.Kind == kind);
    }

    [Fact]
    public async Task A_source_that_fails_says_why_until_it_reads_again()
    {
        using var rig = new Rig();
        var fails = true;
        rig.MakeSource = () => new ScriptedSource(rig.Log) { BeforeYield = _ => _ = Volatile.Read(ref fails) ? throw new IOException("no route") : 0 };
        rig.Log.AppendChanges(1, 5);
        await using var running = rig.Start();

        await Eventually.HoldsAsync(() => Read() is { Reason: "no route", Failing: not null, HasWorked: false }, "reading fails");
        Volatile.Write(ref fails, false);
        await Eventually.HoldsAsync(() => Read() is { Failing: null, HasWorked: true }, "it reads");

        StepStatus? Read() => running.Pipeline.Status.Steps.FirstOrDefault(step => step.Kind == StepKind.Read);
    }

    [Fact]
    public async Task A_loss_window_does_not_hide_the_events_that_come_after_it()
    {
        using var rig = new Rig();
        var attempts = 0;
        rig.MakeSource = () => new ScriptedSource(rig.Log) { BeforeYield = _ => _ = ++attempts == 1 ? throw new IOException("no route") : 0 };
        rig.Log.Append(Entry.Loss(1, new LossWindow { Cause = LossCause.Disconnected, OpenedAt = DateTimeOffset.UnixEpoch }));
        await using var running = rig.Start();

        await Eventually.HoldsAsync(() => attempts == 2 && Read() is { Reason: "no route", HasWorked: false }, "the window alone proves nothing");
        rig.Log.AppendChanges(2, 3);
        await Eventually.HoldsAsync(() => Read() is { Failing: null, HasWorked: true }, "it reads");

        StepStatus? Read() => running.Pipeline.Status.Steps.FirstOrDefault(step => step.Kind == StepKind.Read);
    }

    [Fact]
    public async Task Acknowledgements_that_throw_fail_from_the_first_until_one_succeeds()
    {
        using var rig = new Rig();
        var (fails, asked) = (true, 0);
        rig.MakeSource = () => new ScriptedSource(rig.Log)
        {
            OnAcknowledge = (_, _) => Interlocked.Increment(ref asked) > 0 && Volatile.Read(ref fails) ? throw new IOException("not taken") : default,
        };
        rig.Log.AppendChanges(1, 5);
        await using var running = rig.Start();

        await Eventually.HoldsAsync(() => Acknowledge() is { Reason: "not taken", Failing: not null }, "the first failed");
        var first = Acknowledge()!.Failing;
        rig.Log.AppendChanges(6, 10);
        await Eventually.HoldsAsync(() => Volatile.Read(ref asked) > 1, "another was made");
        await Eventually.HoldsAsync(() => Acknowledge() is { UnderWay: null, Failing: { } failing } && failing > first, "it still fails");

        Volatile.Write(ref fails, false);
        rig.Log.AppendChanges(11, 15);
        await Eventually.HoldsAsync(() => Acknowledge() is { Failing: null, Reason: null, HasWorked: true }, "one was taken");

        StepStatus? Acknowledge() => running.Pipeline.Status.Steps.FirstOrDefault(step => step.Kind == StepKind.Acknowledge);
    }

    [Fact]
    public async Task An_acknowledgement_that_does_not_come_back_is_under_way()
    {
        using var rig = new Rig();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.MakeSource = () => new ScriptedSource(rig.Log) { OnAcknowledge = async (_, token) => await gate.Task.WaitAsync(token) };
        rig.Log.AppendChanges(1, 5);
        await using var running = rig.Start();

        await Eventually.HoldsAsync(() => Acknowledge() is { UnderWay: not null }, "it is under way");
        gate.SetResult();
        await Eventually.HoldsAsync(() => Acknowledge() is { UnderWay: null, HasWorked: true }, "it came back");

        StepStatus? Acknowledge() => running.Pipeline.Status.Steps.FirstOrDefault(step => step.Kind == StepKind.Acknowledge);
    }
}
