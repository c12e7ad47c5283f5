using System.Collections.Concurrent;
using Penstock.Runtime.Lanes;
using Penstock.Runtime.Routing;

namespace Penstock.Runtime.Settlement;

/// <summary>
/// Knows what of one source is settled in every sink. Nothing is marked per event: lanes settle in order, so a lane's oldest open
/// sequence bounds everything below it, and the contiguous watermark is the minimum over all lanes of all sinks.
/// </summary>
sealed class SourceLedger(IReadOnlyList<SinkRoute> sinks, AsyncSignal progress)
{
    // One stuck lane with room left must not let the others run away: whatever lies beyond the oldest open event comes again after a crash.
    const int LaneFillsAhead = 2;

    // What a busy source emits between two checkpoints, and a quiet one while a sink is stuck for weeks.
    const int MaxWatermarks = 1 << 18;

    readonly ConcurrentQueue<(long After, Watermark Watermark)> _emitted = new();
    readonly long _maxAhead = LaneFillsAhead * sinks.Max(sink => sink.Feeds.Sum(feed => feed.MaxEvents));
    long _read;
    long _settledAtLeast;
    long _watermarks;
    long _taken;
    bool _held;

    /// <summary>The last sequence the pump has routed.</summary>
    public long Read => Volatile.Read(ref _read);

    /// <summary>Pump side: everything up to this sequence is routed to all its lanes.</summary>
    public void Routed(long sequence) => Volatile.Write(ref _read, sequence);

    /// <summary>Pump side: the source emitted this after everything routed so far.</summary>
    public void Emitted(Watermark watermark)
    {
        _watermarks++;
        _emitted.Enqueue((_read, watermark));
    }

    /// <summary>
    /// Pump side: whether it may read on. Bounds how far reading is ahead of settlement, and so what a crash repeats, and how many
    /// watermarks wait; full lanes are bounded by themselves.
    /// </summary>
    public bool HasRoom()
    {
        if (_read - _settledAtLeast >= _maxAhead)
        {
            _settledAtLeast = Settled();
        }

        return _read - _settledAtLeast < _maxAhead && _watermarks - Volatile.Read(ref _taken) < MaxWatermarks && !Volatile.Read(ref _held);
    }

    /// <summary>Holds the pump while no checkpoint can be written, or lets it go on.</summary>
    public void Hold(bool held)
    {
        Volatile.Write(ref _held, held);
        progress.Set();
    }

    /// <summary>The highest sequence below which, itself included, everything is settled in this sink.</summary>
    public static long SettledIn(SinkRoute sink, long read)
    {
        var settled = read;
        foreach (var feed in sink.Feeds)
        {
            settled = Math.Min(settled, feed.OldestOpen - 1);
        }

        return settled;
    }

    /// <summary>The highest sequence below which, itself included, everything is settled in every sink. Never falls.</summary>
    public long Settled()
    {
        // The pump's sequence first: what it counts is routed, so each feed's answer covers it.
        var read = Read;
        var settled = read;
        foreach (var sink in sinks)
        {
            settled = Math.Min(settled, SettledIn(sink, read));
        }

        return settled;
    }

    /// <summary>Takes the watermarks, in emission order, that everything before is settled of.</summary>
    public void TakeReached(List<Watermark> reached)
    {
        var settled = Settled();
        while (_emitted.TryPeek(out var next) && next.After <= settled && _emitted.TryDequeue(out next))
        {
            reached.Add(next.Watermark);
            Volatile.Write(ref _taken, _taken + 1);
        }

        progress.Set();
    }
}
