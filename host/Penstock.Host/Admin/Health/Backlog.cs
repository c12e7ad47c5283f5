using Penstock.Runtime.Diagnostics;

namespace Penstock.Host.Admin.Health;

/// <summary>
/// Tells, from looking at a source now and then, how long its oldest event that is not settled has been waiting. What is seen read at one look and
/// settled at a later one needs no mark on the events.
/// </summary>
sealed class Backlog(TimeSpan limit, TimeProvider time)
{
    readonly Queue<(long At, long Read)> _looks = [];
    long _read;
    long? _late;
    long _lastLate;

    /// <summary>Since when events have been waiting longer than the limit; null when they do not.</summary>
    /// <remarks>A sink that is slow settles in bursts: it counts as mended only when for the whole limit nothing was late.</remarks>
    public TimeSpan? LateFor => _late is { } since ? time.GetElapsedTime(since) : null;

    /// <summary>Counts the wait of everything from now on.</summary>
    public void Restart()
    {
        _looks.Clear();
        _looks.Enqueue((time.GetTimestamp(), _read));
        _late = null;
    }

    public void Look(SourceProgress progress)
    {
        var now = time.GetTimestamp();
        if (progress.Read < _read)
        {
            // Another run of the pipeline counts from the beginning.
            _looks.Clear();
        }

        if (progress.Read > _read)
        {
            _looks.Enqueue((now, progress.Read));
        }

        _read = progress.Read;
        while (_looks.TryPeek(out var oldest) && oldest.Read <= progress.Settled)
        {
            _looks.Dequeue();
        }

        // The oldest that is not settled was there at the first of the remaining looks, or came between that and the one before.
        if (_looks.TryPeek(out var waiting) && time.GetElapsedTime(waiting.At, now) >= limit)
        {
            _late ??= waiting.At;
            _lastLate = now;
        }
        else if (_late is not null && time.GetElapsedTime(_lastLate, now) >= limit)
        {
            _late = null;
        }
    }
}
