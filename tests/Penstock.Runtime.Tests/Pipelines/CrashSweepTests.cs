using Penstock.Runtime.DeadLetters;
using Penstock.Runtime.Diagnostics;
using Penstock.Runtime.Tests.Support;

namespace Penstock.Runtime.Tests.Pipelines;

/// <summary>Dies at every durable step, the first times it is reached, and starts again over the same state.</summary>
public sealed class CrashSweepTests
{
    const int Last = 60;
    const int Deaths = 4;

    public static TheoryData<string> Points => [.. Enum.GetNames<FaultPoint>()];

    [Theory]
    [MemberData(nameof(Points))]
    public async Task Nothing_is_lost_and_only_what_lies_above_the_checkpoint_comes_again(string point)
    {
        for (var nth = 1; nth <= Deaths; nth++)
        {
            var (died, wrong) = await CrashAndRestartAsync(Enum.Parse<FaultPoint>(point), nth, _ => { });

            Assert.True(died || nth > 1, $"The sweep never reaches {point}: give it an entry in the log or a sink that does.");
            Assert.Empty(wrong.Select(what => $"{point}, {nth}: {what}"));
        }
    }

    [Fact]
    public async Task A_checkpoint_that_runs_ahead_is_seen_as_loss()
    {
        var (_, wrong) = await CrashAndRestartAsync(FaultPoint.SinkReturned, 2, rig => rig.RewriteCheckpoint(checkpoint => checkpoint with
        {
            Partitions = [new Watermark(new SourcePosition("", SourcePosition.Compose(Last / 2, 1)))],
        }));

        Assert.Contains(wrong, what => what.Contains("lost"));
    }

    [Fact]
    public async Task A_checkpoint_that_falls_back_is_seen_as_repetition()
    {
        var (_, wrong) = await CrashAndRestartAsync(
            FaultPoint.Acknowledged, 2, rig => rig.RewriteCheckpoint(checkpoint => checkpoint with
            {
                Partitions = [],
                Sinks = [.. checkpoint.Sinks.Select(cursor => cursor with { Settled = [], Held = [] })],
            }));

        Assert.Contains(wrong, what => what.Contains("repeats"));
    }

    static async Task<(bool Died, List<string> Wrong)> CrashAndRestartAsync(FaultPoint point, int nth, Action<Rig> tamper)
    {
        using var rig = new Rig();
        var (second, resumable) = (new SinkStore(), new SinkStore());
        second.RefuseAsPoison(13, 41);
        rig.Options = rig.Options with { CheckpointInterval = TimeSpan.FromMilliseconds(1) };
        rig.Sink = rig.Sink with { Lanes = 4, Batch = new() { MaxEvents = 4 } };
        rig.Sinks.Add(Rig.SinkTo(second, "second") with { Lanes = 2, Batch = new() { MaxEvents = 3 }, OnPoison = PoisonPolicy.DeadLetter });
        rig.Sinks.Add(Rig.ResumableSinkTo(resumable, "resumable") with { Lanes = 3, Batch = new() { MaxEvents = 3 } });
        Fill(rig.Log);
        var death = new Death(point, nth);
        var services = rig.Services;
        rig.Services = services with { Faults = new Faults(death.Pass) };
        // Gives the checkpoints time to happen while there are events left.
        rig.MakeSource = () => new ScriptedSource(rig.Log)
        {
            BeforeYield = yielded => SpinWait.SpinUntil(() => death.HasDied || rig.Store.Count >= yielded - 30, TimeSpan.FromSeconds(5)),
        };

        UInt128 acknowledged, checkpoint;
        await using (var first = rig.Start())
        {
            var result = await first.EndAsync();
            acknowledged = first.Source.Acknowledged.Select(watermark => watermark.Position.Order).DefaultIfEmpty().Max();
            checkpoint = rig.CheckpointedOrder();
            if (result.State != (death.HasDied ? PipelineState.Failed : PipelineState.Completed))
            {
                return (death.HasDied, [$"ended as {result.State}: {result.Reason}"]);
            }
        }

        tamper(rig);
        rig.Services = services;
        await rig.RunToEndAsync();
        List<string> wrong =
        [
            .. Judge(rig.Store, checkpoint, []),
            .. Judge(second, checkpoint, rig.DeadLetters("second")),
            .. Judge(resumable, checkpoint, []),
            .. Oracle.Repeated(resumable).Select(number => $"{number} is twice in a sink that stores positions"),
        ];
        if (acknowledged > checkpoint)
        {
            wrong.Add($"{acknowledged:X} was acknowledged, the checkpoint is {checkpoint:X}");
        }

        return (death.HasDied, wrong);
    }

    static void Fill(RetainedLog log)
    {
        for (var number = 1; number <= Last; number += 10)
        {
            log.AppendChanges(number, number + 9, keys: 5, markEvery: 5).Append(Entry.Loss((ulong)number + 9, new LossWindow
            {
                Cause = LossCause.Trimmed,
                OpenedAt = DateTimeOffset.UnixEpoch.AddSeconds(number),
                ClosedAt = DateTimeOffset.UnixEpoch.AddSeconds(number + 1),
            }));
        }

        log.Complete();
    }

    static IEnumerable<string> Judge(SinkStore store, UInt128 checkpoint, IEnumerable<ulong> deadLetters) =>
    [
        .. Oracle.Lost(store, Last).Except(deadLetters).Select(number => $"{number} is lost"),
        .. Oracle.OutOfOrder(store).Select(number => $"{number} is out of order"),
        .. Oracle.Repeated(store).Where(number => SourcePosition.Compose(number, 0) <= checkpoint).Select(number => $"{number} repeats below the checkpoint"),
    ];

    /// <summary>Once dead, no step succeeds any more, as in a process that is gone.</summary>
    sealed class Death(FaultPoint at, int nth)
    {
        int _hits;
        volatile bool _hasDied;

        public bool HasDied => _hasDied;

        public void Pass(FaultPoint point)
        {
            if (_hasDied || (point == at && Interlocked.Increment(ref _hits) == nth))
            {
                _hasDied = true;
                throw new PipelineFailureException($"died at {at}", new IOException("planted"));
            }
        }
    }
}
