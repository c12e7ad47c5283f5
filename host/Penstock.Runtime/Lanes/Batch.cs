using System.Collections;

namespace Penstock.Runtime.Lanes;

/// <summary>
/// Events in lane order and where they came from; the sink sees some of them at a time, from the oldest open one on. Reused for every batch of a lane.
/// </summary>
sealed class Batch(BatchLimits limits) : IReadOnlyList<ChangeEvent>
{
    readonly ChangeEvent[] _events = new ChangeEvent[limits.MaxEvents];
    readonly Queue<Run> _runs = [];
    long _bytes;
    int _filled;
    int _settled;

    /// <summary>How many events the sink sees.</summary>
    public int Count { get; private set; }

    /// <summary>How many events are open.</summary>
    public int Open => _filled - _settled;

    public bool IsFull => _filled == _events.Length || _bytes >= limits.MaxBytes;

    public ChangeEvent this[int index] =>
        (uint)index < (uint)Count
            ? _events[_settled + index]
            : throw new ArgumentOutOfRangeException(nameof(index), index, $"The batch has {Count} events.");

    public ReadOnlySpan<ChangeEvent> OpenEvents => _events.AsSpan(_settled, Open);

    public void Clear()
    {
        // Forget the events: an idle lane must not keep its last batch alive.
        Array.Clear(_events, 0, _filled);
        _runs.Clear();
        _bytes = 0;
        _filled = 0;
        _settled = 0;
        Count = 0;
    }

    /// <summary>Takes events of the chunk from this index on, as many as fit, and returns how many it took.</summary>
    public int Take(Chunk chunk, int from)
    {
        var start = _filled;
        for (var i = from; i < chunk.Count && !IsFull; i++)
        {
            var change = chunk[i];
            _events[_filled++] = change;
            _bytes += change.RetainedBytes;
        }

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
