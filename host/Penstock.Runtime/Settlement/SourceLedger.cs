using System.Collections.Concurrent;
using Penstock.Runtime.Routing;

namespace Penstock.Runtime.Settlement;

/// <summary>
/// Knows what of one source is settled in every sink. Nothing is marked per event: lanes settle in order, so a lane's oldest open
/// sequence bounds everything below it, and the contiguous watermark is the minimum over all lanes of all sinks.
/// </summary>
sealed class SourceLedger(IReadOnlyList<SinkRoute> sinks)
{
    readonly ConcurrentQueue<(long After, Watermark Watermark)> _emitted = new();
    long _read;
    long _settled;

    /// <summary>The last sequence the pump has routed.</summary>
    public long Read => Volatile.Read(ref _read);

    /// <summary>Pump side: everything up to this sequence is routed to all its lanes.</summary>
    public void Routed(long sequence) => Volatile.Write(ref _read, sequence);

    /// <summary>Pump side: the source emitted this after everything routed so far.</summary>
    public void Emitted(Watermark watermark) => _emitted.Enqueue((_read, watermark));

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

        return _settled = Math.Max(_settled, settled);
    }

    /// <summary>Takes the watermarks, in emission order, that everything before is settled of.</summary>
    public void TakeReached(List<Watermark> reached)
    {
        var settled = Settled();
        while (_emitted.TryPeek(out var next) && next.After <= settled && _emitted.TryDequeue(out next))
        {
            reached.Add(next.Watermark);
        }
    }
}
