using Penstock.Runtime.DeadLetters;
using Penstock.Runtime.Tests.Support;

namespace Penstock.Runtime.Tests.DeadLetters;

public sealed class PoisonTests
{
    const int Last = 60;

    // Of six keys k0 to k5 these are the events of k2.
    static readonly ulong[] SameKey = [8, 14, 20, 26, 32, 38, 44, 50, 56];

    [Fact]
    public async Task A_refused_event_is_kept_and_the_later_ones_of_its_key_wait_behind_it()
    {
        using var rig = Poisoned(SameKeyPolicy.Park, 8);

        var books = await RunAsync(rig);

        Assert.Equal(SameKey, rig.DeadLetters());
        Assert.Equal(SameKey, Oracle.Lost(rig.Store, Last));
        Assert.Empty(Oracle.OutOfOrder(rig.Store));
        Assert.Equal((Last - SameKey.Length, SameKey.Length), (books.Delivered, books.DeadLettered));
        Assert.Equal(SourcePosition.Compose(Last, 1), rig.CheckpointedOrder());
    }

    [Fact]
    public async Task With_continue_only_the_refused_event_is_kept()
    {
        using var rig = Poisoned(SameKeyPolicy.Continue, 8, 26);

        var books = await RunAsync(rig);

        Assert.Equal([8UL, 26], rig.DeadLetters());
        Assert.Equal([8UL, 26], Oracle.Lost(rig.Store, Last));
        Assert.Equal(2, books.DeadLettered);
    }

    [Fact]
    public async Task After_a_restart_the_key_still_waits_whatever_the_policy_for_new_refusals()
    {
        using var rig = Poisoned(SameKeyPolicy.Park, 8);
        rig.Log.AppendChanges(1, 30, keys: 6);
        await using (var running = rig.Start())
        {
            await Until.Holds(() => running.Read == 30);
            await running.StopAsync();
        }

        rig.Store.BeforeWrite = null;
        rig.Sink = rig.Sink with { OnPoison = PoisonPolicy.Halt };
        rig.Log.AppendChanges(31, Last, keys: 6).Complete();
        await rig.RunToEndAsync();

        Assert.Equal(SameKey, rig.DeadLetters());
        Assert.Equal(SameKey, Oracle.Lost(rig.Store, Last));
    }

    [Fact]
    public async Task An_event_that_comes_again_after_a_crash_stays_one_dead_letter()
    {
        using var rig = Poisoned(SameKeyPolicy.Park, 8);
        await RunAsync(rig);
        Directory.GetFiles(rig.PipelineDirectory, "*.checkpoint.*").ToList().ForEach(File.Delete);

        await rig.RunToEndAsync();

        Assert.Equal(SameKey, rig.DeadLetters());
        Assert.Equal(SameKey.Length, File.ReadLines(Path.Combine(rig.PipelineDirectory, "sink.dead-letters.jsonl")).Count());
        Assert.NotEmpty(Oracle.Repeated(rig.Store));
    }

    [Fact]
    public async Task A_dead_letter_that_cannot_be_written_halts_the_lane_until_it_can()
    {
        using var rig = Poisoned(SameKeyPolicy.Park, 8);
        var log = new LogBook();
        rig.Services = rig.Services with { LoggerFactory = log };
        // A directory where the journal would be: it cannot be opened, as on a disk without room.
        var journal = Path.Combine(rig.PipelineDirectory, "sink.dead-letters.jsonl");
        rig.Store.OnOpen = (_, _) =>
        {
            Directory.CreateDirectory(journal);
            return default;
        };
        rig.Log.AppendChanges(1, Last, keys: 6).Complete();
        await using var running = rig.Start();

        await Until.Holds(() => log.Has(124));
        Assert.DoesNotContain(8UL, rig.Store.Numbers);
        Assert.True(rig.CheckpointedOrder() < SourcePosition.Compose(8, 0));
        Assert.All(running.Source.Acknowledged, watermark => Assert.True(watermark.Position.Order < SourcePosition.Compose(8, 0)));

        Directory.Delete(journal);
        await running.EndAsync();
        Assert.Equal(SameKey, rig.DeadLetters());
        Assert.Equal(SourcePosition.Compose(Last, 1), rig.CheckpointedOrder());
    }

    [Fact]
    public async Task A_dead_letter_says_what_happened_and_how_often()
    {
        using var rig = Poisoned(SameKeyPolicy.Park, 8);
        var refuse = rig.Store.BeforeWrite!;
        var failures = 0;
        rig.Store.BeforeWrite = (context, batch, token) =>
            batch.Any(change => Entry.NumberOf(change.Position) == 8) && ++failures <= 2 ? throw new IOException("away") : refuse(context, batch, token);

        await RunAsync(rig);

        var letters = DeadLetterJournal.In(rig.PipelineDirectory, "p", "sink").ReadOpen(Assert.Fail);
        Assert.Equal(("p/s:00000000/00000008/00000000", 3, DeadLetterReason.Refused), (letters[0].Head.Id, letters[0].Attempts, letters[0].Head.Reason));
        Assert.Equal(new DeadLetterError("poison", "it does not fit"), letters[0].Error);
        Assert.Equal((0, DeadLetterReason.Parked), (letters[1].Attempts, letters[1].Head.Reason));
        Assert.True(letters[0].Head.FirstAt <= letters[0].LastAt);
    }

    static async Task<Books> RunAsync(Rig rig)
    {
        rig.Log.AppendChanges(1, Last, keys: 6).Complete();
        var result = await rig.RunToEndAsync();
        Assert.Equal(PipelineState.Completed, result.State);
        return result.Books[0];
    }

    static Rig Poisoned(SameKeyPolicy sameKey, params ulong[] numbers)
    {
        var rig = new Rig();
        rig.Sink = rig.Sink with { Lanes = 2, Batch = new() { MaxEvents = 10 }, OnPoison = PoisonPolicy.DeadLetter, SameKey = sameKey };
        rig.Store.RefuseAsPoison(numbers);
        return rig;
    }
}
