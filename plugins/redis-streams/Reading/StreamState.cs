using System.Buffers.Binary;
using System.Text;
using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>
/// What the source knows about one of its streams. Several readers may be at one stream; only the first of them looks for gaps, and what all of them change is under a lock.
/// </summary>
sealed class StreamState(string name)
{
    readonly Lock _gate = new();
    long? _missed;
    long? _count;
    byte[]? _state;
    StreamId _newestBehind;
    StreamId? _counted;
    StreamId? _checkpointed;
    bool _isHalted;

    /// <summary>Also the subject and the partition.</summary>
    public string Name { get; } = name;

    public byte[] NameBytes { get; } = Encoding.UTF8.GetBytes(name);

    /// <summary>How old an entry must be; null for none.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>Who reads the stream in ordered mode; else null.</summary>
    public Lease? Lease { get; init; }

    /// <summary>Whether the group has existed, in this run or before it: if it does not any more, something was lost.</summary>
    public bool HadGroup { get; set; }

    /// <summary>Whether the checkpoint knows the stream.</summary>
    public bool IsResumed { get; set; }

    /// <summary>The last entry that was emitted.</summary>
    public StreamId LastEmitted { get; set; }

    /// <summary>Whether the stream's newest entry is older than one that was read from it.</summary>
    public bool IsBehindItself { get; set; }

    /// <summary>Whether entries were added behind it since.</summary>
    public bool GrowsBehindItself { get; private set; }

    /// <summary>How many entries are known to have left the stream unread, by the server's count; null when nobody has looked yet.</summary>
    public long? Missed
    {
        get => _missed;
        set
        {
            lock (_gate)
            {
                _state = _missed == value ? _state : null;
                _missed = value;
            }
        }
    }

    /// <summary>How many entries we have read; null in a group, for which the server counts.</summary>
    public long? Count
    {
        get => _count;
        set
        {
            _state = _count == value ? _state : null;
            _count = value;
        }
    }

    /// <summary>Whether a loss has ended the reading, and nobody has decided yet.</summary>
    public bool IsHalted
    {
        get => _isHalted;
        set
        {
            lock (_gate)
            {
                _state = _isHalted == value ? _state : null;
                _isHalted = value;
            }
        }
    }

    /// <summary>Rises when the group is made anew: ids from before it mean nothing any more.</summary>
    public int Generation { get; set; }

    /// <summary>What a checkpoint covers, in mode "read": that of the start, then what is acknowledged; null before it is known.</summary>
    public StreamId? Checkpointed
    {
        // Too large to be read at once while it is written.
        get
        {
            lock (_gate)
            {
                return _checkpointed;
            }
        }

        set
        {
            lock (_gate)
            {
                _checkpointed = value;
            }
        }
    }

    /// <summary>Whether whoever trims the stream knows what we need: by the group, or by a place that was told.</summary>
    public bool IsKnownToTrimmers { get; set; }

    /// <summary>The mark behind what was emitted so far.</summary>
    /// <param name="batch">What it acknowledges.</param>
    public Watermark ToWatermark(EntryBatch? batch = null)
    {
        lock (_gate)
        {
            return new Watermark(new SourcePosition(Name, LastEmitted.Order)) { Tag = batch, State = _state ??= ToState() };
        }
    }

    /// <summary>Goes behind the newest of these, unless it is there.</summary>
    public void Advance(ReadOnlySpan<StreamId> emitted)
    {
        lock (_gate)
        {
            foreach (var id in emitted)
            {
                if (id.Order > LastEmitted.Order)
                {
                    LastEmitted = id;
                }
            }
        }
    }

    /// <summary>How many entries had ever been added when we looked last; null when nobody has looked, or the server does not count.</summary>
    public long? Added { get; set; }

    /// <summary>The last entry that was emitted, by whichever reader.</summary>
    public StreamId ReadSoFar()
    {
        lock (_gate)
        {
            return LastEmitted;
        }
    }

    /// <summary>Whether the stream's newest entry is older than one that was read from it, which is news; not so for one that is only empty.</summary>
    /// <param name="facts">What the server says.</param>
    /// <param name="read">What had been read before it was asked.</param>
    public bool HasGoneBack(in StreamFacts facts, StreamId read)
    {
        var isBehind = facts.LastGenerated.Order < read.Order && facts.LastGenerated != default;
        IsBehindItself &= isBehind;
        GrowsBehindItself = IsBehindItself && facts.LastGenerated != _newestBehind;
        _newestBehind = facts.LastGenerated;
        return isBehind && !IsBehindItself;
    }

    /// <summary>Whether these are the counts of another stream: fewer were added than before, or than were read, or fewer are missing.</summary>
    public bool IsAnotherThan(in StreamFacts facts) =>
        facts.Added < Added || facts.Missed < 0 || (Count is not null && facts.Missed < Missed);

    /// <summary>
    /// Where the group was when it had not been sent forward yet (XGROUP SETID), else null: it is further on, the server has lost count of what it read, and no deleted entry
    /// accounts for that.
    /// </summary>
    public StreamId? SentForwardFrom(in StreamFacts facts)
    {
        var from = facts.Read is null && _counted is { } counted && counted.Order < facts.Delivered.Order && facts.MaxDeleted.Order <= counted.Order ? _counted : null;
        _counted = facts.Read is null ? null : facts.Delivered;
        return from;
    }

    /// <summary>How many of those that were missed are no news.</summary>
    /// <remarks>
    /// At the first look, and when an operator has sent the group back to its beginning, that is what was gone by then. What the group should get next
    /// and cannot, is news.
    /// </remarks>
    public long Known(in StreamFacts facts, long missed) =>
        facts.Delivered == default && LastEmitted != default ? missed : Missed ?? (facts.IsOvertaken && facts.Delivered != default ? 0 : missed);

    /// <summary>The server counts another stream now.</summary>
    public void CountAnew(in StreamFacts facts)
    {
        Missed = null;
        _counted = null;
        Added = facts.Added;
        Count = Count is not null && facts.Delivered == facts.LastGenerated ? facts.Added : null;
    }

    /// <exception cref="RedisConnectionException">Another host may read the stream by now.</exception>
    public void ThrowIfLeaseIsLost()
    {
        if (Lease is { IsHeld: false })
        {
            throw new RedisConnectionException(
                $"The lease on stream \"{Name}\" ended before it could be renewed, because the host was held up or the server was: another host may read the stream by now.");
        }
    }

    /// <summary>The stream of this name; a reply has no others.</summary>
    public static StreamState Find(List<StreamState> streams, RespValue name) =>
        streams.Find(stream => name.Span.SequenceEqual(stream.NameBytes))
        ?? throw new RedisProtocolException("Expected a stream that was asked for, found another one in the reply.");

    /// <summary>Begins as if nothing had been read.</summary>
    public void Forget()
    {
        IsResumed = false;
        LastEmitted = default;
        Count = 0;
    }

    /// <summary>Learns from a checkpoint.</summary>
    public void Resume(Watermark watermark)
    {
        IsResumed = true;
        _counted = null;
        HadGroup = true;
        LastEmitted = StreamId.FromOrder(watermark.Position.Order);
        var state = watermark.State.Span;
        Missed = Take(ref state);
        Count = Take(ref state);
        IsHalted = Take(ref state) == 1;
    }

    static long? Take(ref ReadOnlySpan<byte> state)
    {
        if (!BinaryPrimitives.TryReadInt64BigEndian(state, out var value))
        {
            return null;
        }

        state = state[sizeof(long)..];
        return value < 0 ? null : value;
    }

    // What is unknown is negative; the third number is there only while the stream is halted.
    byte[] ToState()
    {
        if (_missed is null && _count is null && !_isHalted)
        {
            return [];
        }

        var state = new byte[(_isHalted ? 3 : 2) * sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(state, _missed ?? -1);
        BinaryPrimitives.WriteInt64BigEndian(state.AsSpan(sizeof(long)), _count ?? -1);
        if (_isHalted)
        {
            BinaryPrimitives.WriteInt64BigEndian(state.AsSpan(2 * sizeof(long)), 1);
        }

        return state;
    }
}
