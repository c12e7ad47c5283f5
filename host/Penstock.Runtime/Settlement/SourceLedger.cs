using System.Collections.Concurrent;
using Penstock.Runtime.Routing;

namespace Penstock.Runtime.Settlement;

/// <summary>
/// Knows what of one source is settled in every sink. Nothing is marked per event: lanes settle in order, so a lane's oldest open
/// sequence bounds everything below it, and the contiguous watermark is the minimum over all lanes of all sinks.
/// </summary>
sealed class SourceLedger(IReadOnlyList<SinkRoute> sinks, InFlight inFlight, InFlightLimits limits)
{
    readonly ConcurrentQueue<(long After, Watermark Watermark)> _emitted = new();
    readonly List<(long After, Watermark Watermark)> _waiting = [];
    readonly int[] _passed = new int[sinks.Count];
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
    /// Pump side: whether it may read on. Bounds how far reading is ahead of settlement, and so what a crash repeats: one stuck lane with
    /// room left must not let the others run away. Full lanes are bounded by themselves.
    /// </summary>
    public bool HasRoom()
    {
        if (_read - _settledAtLeast >= limits.MaxEvents)
        {
            _settledAtLeast = Settled();
        }

        return _read - _settledAtLeast < limits.MaxEvents
            && _watermarks - Volatile.Read(ref _taken) < limits.MaxEvents
            && inFlight.Bytes < limits.MaxBytes
            && !Volatile.Read(ref _held);
    }

    /// <summary>Holds the pump while no checkpoint can be written, or lets it go on.</summary>
    public void Hold(bool held)
    {
        Volatile.Write(ref _held, held);
        inFlight.Progress.Set();
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

    /// <summary>
    /// Committer side: moves each sink's cursor over the watermarks that everything before is settled of there, and takes those, in emission
    /// order, that all sinks have passed.
    /// </summary>
    /// <returns>Whether any cursor moved.</returns>
    public bool TakeReached(List<Watermark> reached, SinkProgress[] cursors)
    {
        var read = Read;
        while (_emitted.TryDequeue(out var next))
        {
            _waiting.Add(next);
        }

        var moved = false;
        for (var i = 0; i < sinks.Count; i++)
        {
            for (var settled = SettledIn(sinks[i], read); _passed[i] < _waiting.Count && _waiting[_passed[i]].After <= settled; _passed[i]++)
            {
                cursors[i].Pass(_waiting[_passed[i]].Watermark);
                moved = true;
            }
        }

        Take(reached, _passed.Min());
        inFlight.Progress.Set();
        return moved;
    }

    void Take(List<Watermark> reached, int count)
    {
        for (var i = 0; i < count; i++)
        {
            reached.Add(_waiting[i].Watermark);
        }

        _waiting.RemoveRange(0, count);
        for (var i = 0; i < _passed.Length; i++)
        {
            _passed[i] -= count;
        }

        Volatile.Write(ref _taken, _taken + count);
    }
}
