namespace Penstock.Runtime.Lanes;

/// <summary>
/// Some events of one source on their way to one lane. Chunks, not events, cross the lane boundary: the cost of the crossing is paid once for many.
/// </summary>
sealed class Chunk
{
    /// <summary>The most events a chunk takes.</summary>
    public const int Capacity = 256;

    ChangeEvent[] _events;

    /// <param name="feed">Where the events come from.</param>
    /// <param name="began">The clock's timestamp now.</param>
    /// <param name="expected">How many events to make room for at first: many lanes share a burst, and most get few.</param>
    public Chunk(LaneFeed feed, long began, int expected)
    {
        Feed = feed;
        Began = began;
        _events = new ChangeEvent[expected];
    }

    /// <summary>A chunk without events that ends a burst, and brings a loss window or a schema change if there is one.</summary>
    public Chunk(LaneFeed feed, long began, SourceMessage? notice)
    {
        Feed = feed;
        Began = began;
        Notice = notice;
        EndsBurst = true;
        _events = [];
    }

    public LaneFeed Feed { get; }

    /// <summary>The clock's timestamp when the first event came in.</summary>
    public long Began { get; }

    /// <summary>A loss window or a schema change for the sink, in place of events.</summary>
    public SourceMessage? Notice { get; }

    /// <summary>Whether the source had nothing more when the chunk was handed over, so that waiting for a fuller batch is in vain.</summary>
    public bool EndsBurst { get; set; }

    /// <summary>Whether the transaction that its events belong to ends with it, although its last event went nowhere: the sink has that already.</summary>
    public bool EndsTransaction { get; init; }

    public int Count { get; private set; }

    public long Bytes { get; private set; }

    public bool IsFull => Count == Capacity;

    public ChangeEvent this[int index] => _events[index];

    public void Add(ChangeEvent change)
    {
        if (Count == _events.Length)
        {
            Array.Resize(ref _events, Math.Min(Math.Max(Count * 2, 1), Capacity));
        }

        _events[Count++] = change;
        Bytes += change.RetainedBytes;
    }
}
