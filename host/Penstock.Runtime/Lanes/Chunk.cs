namespace Penstock.Runtime.Lanes;

/// <summary>
/// Some events of one source on their way to one lane. Chunks, not events, cross the lane boundary: the cost of the crossing is paid once for many.
/// </summary>
sealed class Chunk
{
    const int Capacity = 256;

    readonly ChangeEvent[] _events;

    public Chunk(LaneFeed feed, long began)
    {
        Feed = feed;
        Began = began;
        _events = new ChangeEvent[Capacity];
    }

    public Chunk(LaneFeed feed, long began, LossWindow loss)
    {
        Feed = feed;
        Began = began;
        Loss = loss;
        EndsBurst = true;
        _events = [];
    }

    public LaneFeed Feed { get; }

    /// <summary>The clock's timestamp when the first event came in.</summary>
    public long Began { get; }

    /// <summary>A loss window for the sink, in place of events.</summary>
    public LossWindow? Loss { get; }

    /// <summary>Whether the source had nothing more when the chunk was handed over, so that waiting for a fuller batch is in vain.</summary>
    public bool EndsBurst { get; set; }

    public int Count { get; private set; }

    public long Bytes { get; private set; }

    public bool IsFull => Count == _events.Length;

    public ChangeEvent this[int index] => _events[index];

    public void Add(ChangeEvent change)
    {
        _events[Count++] = change;
        Bytes += change.RetainedBytes;
    }
}
