using Penstock.Runtime.Tests.Support;

namespace Penstock.Runtime.Tests.Acquisition;

public sealed class ReconnectTests
{
    [Fact]
    public async Task A_source_that_fails_reads_on_after_what_was_received_with_the_state_of_its_last_watermark()
    {
        using var rig = new Rig();
        var failed = false;
        // After three events of a group of five, whose watermark is still to come.
        rig.MakeSource = () => new ScriptedSource(rig.Log)
        {
            BeforeYield = yielded =>
            {
                if (yielded == 9 && !failed)
                {
                    failed = true;
                    throw new IOException("connection reset");
                }
            },
        };
        rig.Log.AppendChanges(1, 20, markEvery: 5).Complete();
        await using var running = rig.Start();

        await running.EndAsync();

        Assert.Equal(2, running.Source.Resumed.Count);
        Assert.Empty(running.Source.Resumed.First());
        var resumed = Assert.Single(running.Source.Resumed.Last());
        Assert.Equal(SourcePosition.Compose(8, 0), resumed.Position.Order);
        Assert.Equal(Entry.StateOf(5), resumed.State.ToArray());
        Oracle.AssertExact(rig.Store, 20);
        Assert.Equal(running.Source.Emitted, running.Source.Acknowledged, ReferenceEqualityComparer.Instance);
    }

    [Fact]
    public async Task A_source_that_keeps_failing_is_asked_again_and_again()
    {
        using var rig = new Rig();
        var attempts = 0;
        rig.Services = rig.Services with { Random = new NoPause() };
        rig.MakeSource = () => new ScriptedSource(rig.Log) { BeforeYield = _ => _ = ++attempts % 3 == 0 ? 0 : throw new IOException("connection reset") };
        rig.Log.AppendChanges(1, 30).Complete();
        await using var running = rig.Start();

        await running.EndAsync();

        Assert.True(running.Source.Resumed.Count > 60);
        Oracle.AssertExact(rig.Store, 30);
    }

    [Theory]
    [InlineData(0, 12)]
    [InlineData(1, 1)]
    public async Task Only_a_source_that_worked_for_a_second_starts_over_with_short_pauses(int secondsUntilItFails, int failuresInARow)
    {
        using var rig = new Rig();
        var (time, log) = (new ManualTime(), new LogBook());
        rig.Services = rig.Services with { Random = new NoPause(), Time = time, LoggerFactory = log };
        // Yields one message each time, and fails.
        rig.MakeSource = () => new ScriptedSource(rig.Log)
        {
            BeforeYield = yielded =>
            {
                if (log.Lines.Count(line => line.Id == 103) < yielded && yielded <= 12)
                {
                    time.Advance(TimeSpan.FromSeconds(secondsUntilItFails));
                    throw new IOException("connection reset");
                }
            },
        };
        rig.Log.Append(Enumerable.Range(1, 20).Select(number => Entry.Change((ulong)number))).Complete();

        await rig.RunToEndAsync();

        var retries = log.Lines.Where(line => line.Id == 103).ToList();
        Assert.Equal(12, retries.Count);
        Assert.Contains($"({failuresInARow} in a row)", retries[^1].Text);
        Oracle.AssertExact(rig.Store, 20);
    }

    [Fact]
    public async Task A_new_process_passes_the_checkpoint()
    {
        using var rig = new Rig();
        rig.Log.AppendChanges(1, 20, markEvery: 5);
        await using (var first = rig.Start())
        {
            await Until.Holds(() => first.Source.Acknowledged.Count == 4);
            await first.StopAsync();
        }

        rig.Log.AppendChanges(21, 25, markEvery: 5).Complete();
        await using var second = rig.Start();
        await second.EndAsync();

        var resumed = Assert.Single(Assert.Single(second.Source.Resumed));
        Assert.Equal(SourcePosition.Compose(20, 1), resumed.Position.Order);
        Assert.Equal(Entry.StateOf(20), resumed.State.ToArray());
        Oracle.AssertExact(rig.Store, 25);
    }

    [Fact]
    public async Task A_source_that_fails_while_it_is_stopped_is_not_asked_again()
    {
        using var rig = new Rig();
        await using var running = rig.Start();
        await Until.Holds(() => !running.Source.Resumed.IsEmpty);

        var result = await running.StopAsync();

        Assert.Equal(PipelineState.Completed, result.State);
        Assert.Single(running.Source.Resumed);
    }

    sealed class NoPause : Random
    {
        public override double NextDouble() => 0;
    }
}
