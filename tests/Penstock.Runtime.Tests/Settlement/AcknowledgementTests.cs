using System.Collections.Concurrent;
using Penstock.Runtime.Settlement;
using Penstock.Runtime.Tests.Support;

namespace Penstock.Runtime.Tests.Settlement;

public sealed class AcknowledgementTests
{
    const int Last = 2_000;

    [Fact]
    public async Task The_very_watermarks_come_back_in_order_once_each_after_the_checkpoint_that_covers_them()
    {
        using var rig = new Rig();
        var wrong = new ConcurrentQueue<string>();
        rig.Sink = rig.Sink with { Lanes = 4, Batch = new() { MaxEvents = 16 } };
        rig.Sinks.Add(Rig.SinkTo(new SinkStore(), "other") with { Lanes = 2, Batch = new() { MaxEvents = 7 } });
        rig.MakeSource = () => new ScriptedSource(rig.Log)
        {
            OnAcknowledge = (reached, _) =>
            {
                var checkpoint = rig.CheckpointedOrder();
                var delivered = rig.Store.Numbers.ToHashSet();
                foreach (var watermark in reached)
                {
                    Judge(watermark, checkpoint, delivered, wrong.Enqueue);
                }

                return default;
            },
        };
        rig.Log.AppendChanges(1, Last, keys: 11, markEvery: 5).Complete();
        await using var running = rig.Start();

        await running.EndAsync();

        Assert.Empty(wrong);
        Assert.Equal(Last / 5, running.Source.Acknowledged.Count);
        Assert.Equal(running.Source.Emitted, running.Source.Acknowledged, ReferenceEqualityComparer.Instance);
        // The judge sees a watermark that leads the checkpoint, and one that leads the sink.
        var ahead = (Watermark)Entry.Mark(Last + 1).Make();
        Judge(ahead, rig.CheckpointedOrder(), [.. rig.Store.Numbers], wrong.Enqueue);
        Assert.Equal(2, wrong.Count);
    }

    [Fact]
    public async Task Each_generation_alone_covers_what_is_acknowledged()
    {
        using var rig = new Rig();
        var wrong = new ConcurrentQueue<string>();
        var acknowledged = 0;
        rig.MakeSource = () => new ScriptedSource(rig.Log)
        {
            // Gives the checkpoints time to happen while there are events left.
            BeforeYield = yielded => SpinWait.SpinUntil(() => Volatile.Read(ref acknowledged) >= (yielded / 2) - 600, TimeSpan.FromSeconds(5)),
            OnAcknowledge = (reached, _) =>
            {
                JudgeGenerations(rig, reached[^1], wrong.Enqueue);
                Volatile.Write(ref acknowledged, (int)Entry.NumberOf(reached[^1].Position));
                return default;
            },
        };
        rig.Log.AppendChanges(1, Last).Complete();

        await rig.RunToEndAsync();

        Assert.Equal(Last, acknowledged);
        Assert.Empty(wrong);
        // One generation behind is seen.
        rig.RewriteCheckpoint(checkpoint => checkpoint with { Partitions = [(Watermark)Entry.Mark(Last - 1).Make()] });
        JudgeGenerations(rig, (Watermark)Entry.Mark(Last).Make(), wrong.Enqueue);
        Assert.Single(wrong);
    }

    [Fact]
    public async Task A_failed_acknowledgement_stops_nothing()
    {
        using var rig = new Rig();
        rig.MakeSource = () => new ScriptedSource(rig.Log) { OnAcknowledge = (_, _) => throw new IOException("the server went away") };
        rig.Log.AppendChanges(1, 100).Complete();

        var result = await rig.RunToEndAsync();

        Assert.Equal(PipelineState.Completed, result.State);
        Assert.Equal(SourcePosition.Compose(100, 1), rig.CheckpointedOrder());
    }

    [Fact]
    public async Task While_no_checkpoint_can_be_written_nothing_is_acknowledged_or_read_on_and_then_work_resumes()
    {
        using var rig = new Rig();
        // A directory where the new file belongs: it cannot be opened, as on a full disk.
        var obstacle = Path.Combine(rig.PipelineDirectory, "s.checkpoint.1.new");
        Directory.CreateDirectory(obstacle);
        var log = new LogBook();
        rig.Services = rig.Services with { LoggerFactory = log };
        rig.Log.AppendChanges(1, 10);
        await using var running = rig.Start();

        await Until.Holds(() => rig.Store.Count == 10 && log.Has(109));
        rig.Log.AppendChanges(11, 1_000);
        await Until.Holds(() => running.Read == 11);
        Assert.Empty(running.Source.Acknowledged);
        Assert.Empty(rig.ReadCheckpoint().Partitions);

        Directory.Delete(obstacle);
        await Until.Holds(() => running.Source.Acknowledged.Count == 1_000);
        await running.StopAsync();

        Assert.Equal(running.Source.Emitted, running.Source.Acknowledged, ReferenceEqualityComparer.Instance);
        Oracle.AssertExact(rig.Store, 1_000);
    }

    static void JudgeGenerations(Rig rig, Watermark acknowledged, Action<string> report)
    {
        foreach (var file in Directory.GetFiles(rig.PipelineDirectory, "s.checkpoint.?"))
        {
            if (CheckpointFormat.Read(File.ReadAllBytes(file), "p", "s") is not { Partitions: [var saved] } || saved.Position.Order < acknowledged.Position.Order)
            {
                report($"{file} does not cover {acknowledged.Position}");
            }
        }
    }

    static void Judge(Watermark watermark, UInt128 checkpoint, HashSet<ulong> delivered, Action<string> report)
    {
        if (watermark.Position.Order > checkpoint)
        {
            report($"{watermark.Position} is acknowledged before the disk has it");
        }

        if (!delivered.Contains(Entry.NumberOf(watermark.Position)))
        {
            report($"{watermark.Position} is acknowledged before the sink has it");
        }
    }
}
