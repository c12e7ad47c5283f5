using System.Collections.Concurrent;
using System.Threading.Channels;
using Penstock.Runtime.Settlement;

namespace Penstock.Runtime.Lanes;

/// <summary>
/// The link from one source to one lane of one sink. The pump fills it, the lane settles it, and two numbers say, without a lock
/// or a mark per event, what is settled: the last sequence routed here, and the first that may be open.
/// </summary>
/// <param name="lane">Where the events go.</param>
/// <param name="limits">The lane's batches.</param>
/// <param name="inFlight">The source's.</param>
/// <param name="time">The clock.</param>
/// <param name="tracksHeld">Whether to remember what the sink holds.</param>
sealed class LaneFeed(ChannelWriter<Chunk> lane, BatchLimits limits, InFlight inFlight, TimeProvider time, bool tracksHeld)
{
    // One batch being written and one gathering: enough to keep the lane busy, little enough to bound what it retains.
    const int BatchesHeld = 2;

    readonly long _maxBytes = limits.MaxBytes * BatchesHeld;
    readonly ConcurrentDictionary<string, SourcePosition> _held = new(StringComparer.Ordinal);
    Chunk? _chunk;
    int _expected = 1;
    bool _burstEnded = true;
    long _routed;
    long _frontier = 1;
    long _events;
    long _bytes;
    long _delivered;
    long _deadLettered;
    int _notices;

    /// <summary>Events routed here and not settled. Exact once the pump has handed everything over.</summary>
    public long InFlight => Volatile.Read(ref _events);

    /// <summary>Events the sink has made durable.</summary>
    public long Delivered => Volatile.Read(ref _delivered);

    /// <summary>Events that are durable among the dead letters instead.</summary>
    public long DeadLettered => Volatile.Read(ref _deadLettered);

    /// <summary>Whether <see cref="Held"/> is kept up to date.</summary>
    public bool TracksHeld => tracksHeld;

    /// <summary>The newest position per partition that the sink has made durable.</summary>
    public IReadOnlyList<SourcePosition> Held => [.. _held.Values];

    /// <summary>How many events the lane may hold.</summary>
    public long MaxEvents { get; } = limits.MaxEvents * (long)BatchesHeld;

    /// <summary>Before the first event: what the sink held when it was opened.</summary>
    public void StartHolding(SourcePosition position) => _held[position.Partition] = position;

    /// <summary>Pump side: whether the lane holds all it may, counting what is not handed over yet.</summary>
    public bool IsFull =>
        (!limits.WholeTransactions && Volatile.Read(ref _events) + (_chunk?.Count ?? 0) >= MaxEvents) || Volatile.Read(ref _bytes) + (_chunk?.Bytes ?? 0) >= _maxBytes;

    /// <summary>
    /// The first sequence that may be open here, or <see cref="long.MaxValue"/> when none is among those the caller knows to be routed.
    /// </summary>
    /// <remarks>
    /// Read what is routed before what is settled: both only grow, so a frontier beyond the routed sequence proves that one settled.
    /// Whoever asks must have read the pump's sequence before; see <see cref="SourceLedger"/>.
    /// </remarks>
    public long OldestOpen
    {
        get
        {
            var routed = Volatile.Read(ref _routed);
            var frontier = Volatile.Read(ref _frontier);
            return frontier > routed ? long.MaxValue : frontier;
        }
    }

    /// <summary>Pump side: takes an event; only <see cref="HandOver"/> makes sure that the lane sees it.</summary>
    public void Add(ChangeEvent change)
    {
        var sequence = change.Sequence;
        if (Volatile.Read(ref _frontier) > _routed)
        {
            // The lane has settled everything and touches nothing until the next hand-over: the frontier may jump.
            Volatile.Write(ref _frontier, sequence);
        }

        Volatile.Write(ref _routed, sequence);
        inFlight.Add(change.RetainedBytes);
        _chunk ??= new Chunk(this, time.GetTimestamp(), _expected);
        _chunk.Add(change);
        if (_chunk.IsFull)
        {
            HandOver(endsBurst: false);
        }
    }

    /// <summary>Pump side: gives the lane what has gathered.</summary>
    public void HandOver(bool endsBurst)
    {
        if (_chunk is not { } chunk)
        {
            if (endsBurst && !_burstEnded)
            {
                // What the lane has already was not known to be the last of its burst.
                _burstEnded = true;
                lane.TryWrite(new Chunk(this, time.GetTimestamp(), notice: null));
            }

            return;
        }

        _chunk = null;
        // A few more than the last ones had cost less than growing does.
        _expected = Math.Max(chunk.Count, _expected - (_expected / 8));
        _burstEnded = endsBurst;
        chunk.EndsBurst = endsBurst;
        Interlocked.Add(ref _events, chunk.Count);
        Interlocked.Add(ref _bytes, chunk.Bytes);
        // An unbounded channel refuses only when it is completed, and then the pipeline is going down.
        lane.TryWrite(chunk);
    }

    /// <summary>Pump side: the transaction ends with what came before, since the sink has the rest.</summary>
    public void EndTransaction()
    {
        HandOver(endsBurst: true);
        lane.TryWrite(new Chunk(this, time.GetTimestamp(), notice: null) { EndsTransaction = true });
    }

    /// <summary>Whether the sink has yet to see a loss window or a schema change.</summary>
    public bool HasNotices => Volatile.Read(ref _notices) > 0;

    /// <summary>Pump side: gives the lane a loss window or a schema change, after everything that came before it.</summary>
    public void Send(SourceMessage notice)
    {
        HandOver(endsBurst: true);
        Interlocked.Increment(ref _notices);
        lane.TryWrite(new Chunk(this, time.GetTimestamp(), notice));
    }

    /// <summary>Lane side: the sink has seen one.</summary>
    public void Shown()
    {
        Interlocked.Decrement(ref _notices);
        inFlight.Progress.Set();
    }

    /// <summary>Lane side: these events, the oldest of this feed that were open, are durable in the sink or among its dead letters.</summary>
    public void Settle(ReadOnlySpan<ChangeEvent> events, bool delivered)
    {
        var bytes = 0L;
        foreach (var change in events)
        {
            bytes += change.RetainedBytes;
        }

        if (delivered)
        {
            Volatile.Write(ref _delivered, _delivered + events.Length);
            Hold(events);
        }
        else
        {
            Volatile.Write(ref _deadLettered, _deadLettered + events.Length);
        }

        Interlocked.Add(ref _bytes, -bytes);
        Interlocked.Add(ref _events, -events.Length);
        Volatile.Write(ref _frontier, events[^1].Sequence + 1);
        inFlight.Settle(bytes);
    }

    void Hold(ReadOnlySpan<ChangeEvent> events)
    {
        for (var i = 0; tracksHeld && i < events.Length; i++)
        {
            var position = events[i].Position;
            if (i + 1 == events.Length || !ReferenceEquals(position.Partition, events[i + 1].Position.Partition))
            {
                _held[position.Partition] = position;
            }
        }
    }
}
