namespace Penstock.Sources.RedisStreams;

/// <summary>The entries of one read from one stream: the tag of the watermark behind them, and what an XACK names.</summary>
sealed class EntryBatch(StreamState stream, InFlightEntries inFlight, int capacity)
{
    readonly StreamId[] _ids = new StreamId[capacity];
    int _count;

    public StreamState Stream { get; } = stream;

    /// <summary>The reader's that it belongs to.</summary>
    public InFlightEntries InFlight { get; } = inFlight;

    /// <summary>The incarnation of the group that the ids belong to.</summary>
    public int Generation { get; } = stream.Generation;

    /// <summary>Whether an acknowledgement was sent and failed: it may have been carried out.</summary>
    public bool WasTried { get; set; }

    /// <summary>What has been handed to the host so far.</summary>
    public ReadOnlySpan<StreamId> Ids => _ids.AsSpan(0, _count);

    public void Add(StreamId id) => _ids[_count++] = id;
}
