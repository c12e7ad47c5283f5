using Penstock.Runtime.Routing;
using Penstock.Runtime.Tests.Support;

namespace Penstock.Runtime.Tests.Lanes;

public sealed class WholeTransactionTests : IDisposable
{
    readonly Rig _rig = new();
    readonly List<(ulong First, ulong Last)> _transactions = [];
    ulong _last;

    public WholeTransactionTests() => UseBatch(maxEvents: 10, maxBytes: 1 << 20);

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task No_batch_ends_inside_a_transaction_and_small_ones_share_a_batch()
    {
        var random = new Random(7);
        for (var i = 0; i < 300; i++)
        {
            Append(random.Next(1, i % 10 == 0 ? 400 : 8));
        }

        _rig.Log.Complete();
        await _rig.RunToEndAsync();

        Assert.Empty(CutBatches());
        Oracle.AssertExact(_rig.Store, (int)_last);
        Assert.True(_rig.Store.Batches.Count < 250, $"{_rig.Store.Batches.Count} batches");
    }

    [Fact]
    public async Task Without_it_the_same_transactions_are_cut()
    {
        _rig.Sink = _rig.Sink with { Batch = _rig.Sink.Batch with { WholeTransactions = false } };
        for (var i = 0; i < 20; i++)
        {
            Append(15);
        }

        _rig.Log.Complete();
        await _rig.RunToEndAsync();

        Assert.NotEmpty(CutBatches());
    }

    [Fact]
    public async Task A_transaction_waits_for_its_rest_whatever_the_delay()
    {
        _rig.Sink = _rig.Sink with { Batch = _rig.Sink.Batch with { MaxDelay = TimeSpan.Zero } };
        Append(3);
        _rig.Log.Append(Entry.Within("open", 4, isLast: false), Entry.Within("open", 5, isLast: false), Entry.Mark(5));
        await using var running = _rig.Start();
        await Until.Holds(() => _rig.Store.Count == 3);
        await Until.Holds(() => running.Read == 5);
        _rig.Log.Append(Entry.Within("open", 6, isLast: true), Entry.Mark(6));
        await Until.Holds(() => _rig.Store.Count == 6);
        // Not a part of it by itself, although the burst had ended and the delay is none.
        Assert.Equal([4UL, 5, 6], _rig.Store.Batches[^1].Numbers);
    }

    [Fact]
    public async Task A_transaction_that_fits_the_bytes_is_left_for_the_next_batch_and_a_larger_one_is_cut()
    {
        UseBatch(maxEvents: 1000, maxBytes: 100_000);
        Append(6, bytes: 10_000);
        Append(8, bytes: 10_000);
        Append(9, bytes: 10_000);
        Append(35, bytes: 10_000);
        Append(2, bytes: 10_000);
        _rig.Log.Complete();
        await _rig.RunToEndAsync();

        Oracle.AssertExact(_rig.Store, 60);
        Assert.All(CutBatches(), batch => Assert.InRange(batch[^1], 24UL, 57UL));
        Assert.NotEmpty(CutBatches());
        Assert.All(_rig.Store.Batches, batch => Assert.InRange(batch.Numbers.Length, 1, 10));
    }

    [Fact]
    public async Task A_transaction_larger_than_what_may_be_in_flight_comes_whole()
    {
        _rig.InFlight = new() { MaxEvents = 20, MaxBytes = 10_000 };
        Append(5);
        Append(700);
        Append(5);
        _rig.Log.Complete();
        await _rig.RunToEndAsync();

        Assert.Empty(CutBatches());
        Oracle.AssertExact(_rig.Store, 710);
    }

    [Fact]
    public async Task A_stop_inside_a_transaction_leaves_its_beginning_for_the_next_start()
    {
        Append(3);
        _rig.Log.Append(Entry.Within("open", 4, isLast: false), Entry.Within("open", 5, isLast: false), Entry.Mark(5));
        await using (var running = _rig.Start())
        {
            await Until.Holds(() => running.Read == 5 && _rig.Store.Count == 3);
            await running.StopAsync();
        }

        Assert.Equal(3, _rig.Store.Count);
        _rig.Log.Append(Entry.Within("open", 6, isLast: true), Entry.Mark(6)).Complete();
        await _rig.RunToEndAsync();
        Assert.Equal([4UL, 5, 6], _rig.Store.Batches[^1].Numbers);
        Oracle.AssertExact(_rig.Store, 6);
    }

    [Fact]
    public async Task A_transaction_of_which_the_sink_has_the_end_already_does_not_wait_for_it()
    {
        _rig.Sink = Rig.ResumableSinkTo(_rig.Store) with { Ordering = Ordering.Source, Batch = _rig.Sink.Batch };
        Append(1);
        await using (var running = _rig.Start())
        {
            await Until.Holds(() => _rig.CheckpointedOrder() == SourcePosition.Compose(1, 1));
            await running.StopAsync();
        }

        // Kept for each subject apart, as in files of their own: a crash came between two of them.
        _rig.Store.OnReadPositions = _ => [new StoredPosition("s", new SourcePosition("", SourcePosition.Compose(4, 0))) { Subject = "t" }];
        _rig.Log.Append(
            Entry.Within("x", 2, isLast: false), Entry.Within("x", 3, isLast: false, subject: "u"), Entry.Within("x", 4, isLast: true), Entry.Mark(4));
        await using var again = _rig.Start();
        await Until.Holds(() => _rig.CheckpointedOrder() == SourcePosition.Compose(4, 1));
        Assert.Equal([1UL, 3], _rig.Store.Numbers);
    }

    void UseBatch(int maxEvents, long maxBytes) =>
        _rig.Sink = _rig.Sink with { Ordering = Ordering.Source, Batch = new() { MaxEvents = maxEvents, MaxBytes = maxBytes, WholeTransactions = true } };

    // With a watermark now and then, as a source keeps its progress inside a transaction.
    void Append(int count, int bytes = 0)
    {
        var first = _last + 1;
        for (var i = 1; i <= count; i++)
        {
            _rig.Log.Append(Entry.Within($"{first}", ++_last, isLast: i == count, bytes));
            if (i == count || i % 50 == 0)
            {
                _rig.Log.Append(Entry.Mark(_last));
            }
        }

        _transactions.Add((first, _last));
    }

    IEnumerable<ulong[]> CutBatches() =>
        _rig.Store.Batches.Select(batch => batch.Numbers).Where(numbers => _transactions.Any(each => each.First <= numbers[^1] && numbers[^1] < each.Last));
}
