using System.Collections;

namespace Penstock.Runtime.Lanes;

/// <summary>
/// Events in lane order and where they came from; the sink sees some of them at a time, from the oldest open one on. Reused for every batch of a lane.
/// </summary>
sealed class Batch(BatchLimits limits) : IReadOnlyList<ChangeEvent>
{
    ChangeEvent[] _events = new ChangeEvent[limits.MaxEvents];
    readonly Queue<Run> _runs = [];
    long _bytes;
    int _filled;
    int _settled;

    // The events up to here are the batch; more are those of a transaction that is left whole for the next one.
    int _end;

    // Up to here are whole transactions.
    int _boundary;

    /// <summary>How many events the sink sees.</summary>
    public int Count { get; private set; }

    /// <summary>How many events are open.</summary>
    public int Open => _end - _settled;

    public bool IsFull => (_filled >= limits.MaxEvents && !IsAmidTransaction) || _bytes >= limits.MaxBytes;

    /// <summary>Whether the rest of a transaction is to be waited for.</summary>
    public bool IsAmidTransaction => limits.WholeTransactions && _boundary < _filled;

    public ChangeEvent this[int index] =>
        (uint)index < (uint)Count
            ? _events[_settled + index]
            : throw new ArgumentOutOfRangeException(nameof(index), index, $"The batch has {Count} events.");

    public ReadOnlySpan<ChangeEvent> OpenEvents => _events.AsSpan(_settled, Open);

    /// <summary>Begins the next batch, with what the last one left for it.</summary>
    public void Clear()
    {
        var left = _filled - _settled;
        _events.AsSpan(_settled, left).CopyTo(_events);

        // Forget the events: an idle lane must not keep its last batch alive.
        Array.Clear(_events, left, _filled - left);
        _bytes = 0;
        foreach (var change in _events.AsSpan(0, left))
        {
            _bytes += change.RetainedBytes;
        }

        for (var i = _runs.Count; i > 0; i--)
        {
            var run = _runs.Dequeue();
            _runs.Enqueue(run with { End = run.End - _settled });
        }

        _filled = left;
        _end = left;
        _boundary = 0;
        _settled = 0;
        Count = 0;
    }

    /// <summary>No more of the last transaction comes, and it is whole.</summary>
    public void EndTransaction() => _boundary = _filled;

    /// <summary>Leaves the last transaction for the next batch when it is not whole and others are: it may still fit.</summary>
    public bool EndBetweenTransactions()
    {
        var isLeft = IsAmidTransaction && _boundary > 0;
        _end = isLeft ? _boundary : _filled;
        return isLeft;
    }

    /// <summary>The rest of the last transaction does not come any more, so what is there of it does not count.</summary>
    /// <returns>How many events those are.</returns>
    public int DropUnfinished()
    {
        _end = _boundary;
        return _filled - _boundary;
    }

    /// <summary>Takes events of the chunk from this index on, as many as fit, and returns how many it took.</summary>
    public int Take(Chunk chunk, int from)
    {
        var start = _filled;
        for (var i = from; i < chunk.Count && !IsFull; i++)
        {
            if (_filled == _events.Length)
            {
                Array.Resize(ref _events, _filled * 2);
            }

            var change = chunk[i];
            _events[_filled++] = change;
            _bytes += change.RetainedBytes;
            if (change.Transaction is not { IsLast: false })
            {
                _boundary = _filled;
            }
        }

        _end = _filled;

        if (_filled > start)
        {
            _runs.Enqueue(new Run(chunk.Feed, _filled));
        }

        return _filled - start;
    }

    /// <summary>Lets the sink see so many of the open events.</summary>
    public void Show(int count) => Count = count;

    /// <summary>Settles the oldest open events: they are durable in the sink, or among its dead letters.</summary>
    public void Settle(int count, bool delivered)
    {
        for (var end = _settled + count; _settled < end;)
        {
            var run = _runs.Peek();
            var until = Math.Min(run.End, end);
            run.Feed.Settle(_events.AsSpan(_settled, until - _settled), delivered);
            _settled = until;
            if (until == run.End)
            {
                _runs.Dequeue();
            }
        }

        Count = 0;
    }

    public IEnumerator<ChangeEvent> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return _events[_settled + i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    readonly record struct Run(LaneFeed Feed, int End);
}
