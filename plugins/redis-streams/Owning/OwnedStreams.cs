using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Penstock.Sources.RedisStreams;

/// <summary>The streams that this connection may read: all of them or, in ordered mode, those whose lease we have.</summary>
sealed class OwnedStreams(
    IReadOnlyList<StreamState> all, StreamLeases? leases, GroupReader reader, EntryEmitter emitter, InFlightEntries inFlight, TimeProvider time, ILogger log)
{
    static readonly TimeSpan StraysInterval = TimeSpan.FromSeconds(1);

    // Nobody else is alive who could hold an entry: the lease says so.
    readonly AbandonedEntries _pending = new(TimeSpan.Zero, reader, emitter, inFlight, time, log);
    long? _soughtAt;

    public List<StreamState> Streams { get; } = leases is null ? [.. all] : [];

    bool StraysAreDue => _soughtAt is not { } at || time.GetElapsedTime(at) >= StraysInterval;

    /// <summary>Whether the leases, or what is pending, need a look before the next read.</summary>
    public bool IsDue(TimeSpan block) => leases is not null && (StraysAreDue || Streams.Count < all.Count || Streams.Exists(stream => stream.Lease!.Remaining < block));

    /// <summary>
    /// In ordered mode, takes leases that are free, and what is pending of their streams, in order, before anything new is read.
    /// </summary>
    /// <remarks>Once a second also entries that a holder who is gone was given after its end, because its request was on the way for long.</remarks>
    /// <param name="stopReading">Ends it.</param>
    public async IAsyncEnumerable<SourceMessage> TakeAsync([EnumeratorCancellation] CancellationToken stopReading)
    {
        if (leases is null)
        {
            yield break;
        }

        Streams.ForEach(stream => stream.ThrowIfLeaseIsLost());
        if (Streams.Count < all.Count)
        {
            await leases.TakeFreeAsync(stopReading).ConfigureAwait(false);
        }

        var looksForStrays = StraysAreDue;
        if (looksForStrays)
        {
            _soughtAt = time.GetTimestamp();
        }

        foreach (var stream in all)
        {
            var isNew = stream.Lease!.IsHeld && !Streams.Contains(stream);
            if (isNew || (looksForStrays && Streams.Contains(stream) && await HasStraysAsync(stream, stopReading).ConfigureAwait(false)))
            {
                await foreach (var message in _pending.TakeAsync(stream, stopReading).ConfigureAwait(false))
                {
                    yield return message;
                }
            }

            if (isNew)
            {
                Streams.Add(stream);
            }
        }
    }

    /// <summary>Waits until a read that may block for so long is safe; false when there is nothing to read.</summary>
    public async ValueTask<bool> MayReadAsync(TimeSpan block, CancellationToken stopReading)
    {
        if (leases is null)
        {
            return true;
        }

        if (Streams.Count == 0)
        {
            await Task.Delay(StreamLeases.RetryInterval, time, stopReading).ConfigureAwait(false);
            return false;
        }

        await leases.WaitAsync(Streams, block, stopReading).ConfigureAwait(false);
        return true;
    }

    // Ours first: what is acknowledged in between only makes the server's number smaller.
    async ValueTask<bool> HasStraysAsync(StreamState stream, CancellationToken stopReading)
    {
        var ours = inFlight.Count(stream);
        return await reader.CountPendingAsync(stream, stopReading).ConfigureAwait(false) > ours;
    }
}
