using System.Collections;

namespace Penstock.Runtime.Lanes;

/// <summary>The events of one write, in lane order, and what of which source they settle. Reused for every batch of a lane.</summary>
sealed class Batch(BatchLimits limits) : IReadOnlyList<ChangeEvent>
{
    readonly ChangeEvent[] _events = new ChangeEvent[limits.MaxEvents];
    readonly List<Share> _shares = [];
    long _bytes;

    public int Count { get; private set; }

    public bool IsFull => Count == _events.Length || _bytes >= limits.MaxBytes;

    public ChangeEvent this[int index] =>
        (uint)index < (uint)Count ? _events[index] : throw new ArgumentOutOfRangeException(nameof(index), index, $"The batch has {Count} events.");

    public void Clear()
    {
        // Forget the events: an idle lane must not keep its last batch alive.
        Array.Clear(_events, 0, Count);
        _shares.Clear();
        _bytes = 0;
        Count = 0;
    }

    /// <summary>Takes events of the chunk from this index on, as many as fit, and returns how many it took.</summary>
    public int Take(Chunk chunk, int from)
    {
        var start = Count;
        var bytes = _bytes;
        for (var i = from; i < chunk.Count && !IsFull; i++)
        {
            var change = chunk[i];
            _events[Count++] = change;
            _bytes += change.RetainedBytes;
        }

        if (Count > start)
        {
            _shares.Add(new Share(chunk.Feed, Count - start, _bytes - bytes));
        }

        return Count - start;
    }

    /// <summary>Settles the first events of the batch.</summary>
    public void Settle(int count)
    {
        var start = 0;
        foreach (var share in _shares)
        {
            if (start >= count)
            {
                break;
            }

            var events = Math.Min(share.Events, count - start);
            var bytes = events == share.Events ? share.Bytes : Bytes(start, events);
            share.Feed.Settle(_events[start + events - 1].Sequence, events, bytes);
            start += events;
        }
    }

    public IEnumerator<ChangeEvent> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return _events[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    long Bytes(int start, int count)
    {
        var bytes = 0L;
        for (var i = start; i < start + count; i++)
        {
            bytes += _events[i].RetainedBytes;
        }

        return bytes;
    }

    readonly record struct Share(LaneFeed Feed, int Events, long Bytes);
}
