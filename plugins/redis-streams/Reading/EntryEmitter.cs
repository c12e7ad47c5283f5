using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>Emits what one read returned from one stream: the events, then the loss of those that are gone, then one watermark.</summary>
sealed class EntryEmitter(
    InFlightEntries inFlight, EntryMapper mapper, ILogger log, DuplicateFilter? duplicates = null, DeadLetterStream? deadLetters = null)
{
    EntryBatch? _unfinished;

    /// <summary>
    /// The watermark of a batch whose emission was cut short, because its consumer went away in the middle; null when there is none.
    /// What was not emitted is still pending and comes again.
    /// </summary>
    public Watermark? Finish()
    {
        var batch = _unfinished;
        _unfinished = null;
        if (batch is null || batch.Ids.IsEmpty)
        {
            if (batch is not null)
            {
                inFlight.Remove(batch);
            }

            return null;
        }

        return WatermarkOf(batch);
    }

    /// <param name="stream">The stream.</param>
    /// <param name="entries">Pairs of an id and its fields, which are null when the entry was deleted while pending.</param>
    /// <param name="skip">Ids that are in flight.</param>
    /// <param name="endpoint">The server, for the report of a loss.</param>
    /// <param name="aside">Ids that are in the dead letter stream by now.</param>
    public IEnumerable<SourceMessage> Emit(
        StreamState stream, RespValue entries, HashSet<StreamId> skip, string endpoint, HashSet<StreamId>? aside = null)
    {
        var batch = new EntryBatch(stream, inFlight, entries.Count);
        inFlight.Add(batch);
        _unfinished = batch;
        var deleted = new List<StreamId>();
        for (var i = 0; i < entries.Count; i++)
        {
            var entry = entries[i];
            var id = StreamId.Parse(entry[0].Span);
            if (skip.Contains(id))
            {
                continue;
            }

            if (entry[1].IsNull)
            {
                deleted.Add(id);
                continue;
            }

            if (aside?.Contains(id) == true)
            {
                batch.Add(id);
                continue;
            }

            // The window remembers the entry: nothing may fail between that and its emission, or it would be a duplicate of itself when it comes again.
            stream.ThrowIfLeaseIsLost();
            var change = mapper.Map(stream, id, entry[1].Items);
            var isDuplicate = duplicates?.IsDuplicate(entry[1].Items) == true;
            batch.Add(id);
            if (!isDuplicate)
            {
                yield return change;
            }
        }

        if (deleted.Count > 0)
        {
            yield return Report(stream, deleted, endpoint);

            // Only now: a report that its consumer did not live to record has to come again.
            deleted.ForEach(batch.Add);
        }

        if (Finish() is { } watermark)
        {
            yield return watermark;
        }
    }

    /// <summary>As <see cref="Emit"/>, for entries that were handed out before: those that were so too often are set aside.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="holder">The consumer that has them pending.</param>
    /// <param name="entries">As for <see cref="Emit"/>.</param>
    /// <param name="skip">Ids that are in flight.</param>
    /// <param name="endpoint">The server, for the report of a loss.</param>
    /// <param name="stopReading">Ends it.</param>
    public async IAsyncEnumerable<SourceMessage> EmitAgainAsync(
        StreamState stream, string holder, RespValue entries, HashSet<StreamId> skip, string endpoint, [EnumeratorCancellation] CancellationToken stopReading)
    {
        var aside = deadLetters is null ? null : await deadLetters.TakeAsync(stream, holder, entries, inFlight, stopReading).ConfigureAwait(false);
        foreach (var message in Emit(stream, entries, skip, endpoint, aside))
        {
            yield return message;
        }
    }

    /// <summary>The loss of entries that were deleted while they were pending.</summary>
    public LossWindow Report(StreamState stream, IReadOnlyList<StreamId> deleted, string endpoint)
    {
        log.PendingEntriesWereDeleted(deleted.Count, stream.Name, endpoint, deleted[0], deleted[^1]);
        return LossOf(stream, deleted, endpoint);
    }

    static Watermark WatermarkOf(EntryBatch batch)
    {
        batch.Stream.Advance(batch.Ids);
        return batch.Stream.ToWatermark(batch);
    }

    static LossWindow LossOf(StreamState stream, IReadOnlyList<StreamId> deleted, string endpoint) => new()
    {
        Cause = LossCause.Deleted,
        IsCertain = true,
        Missed = deleted.Count,
        OpenedAt = deleted[0].Time ?? DateTimeOffset.MaxValue,
        ClosedAt = deleted[^1].Time ?? DateTimeOffset.MaxValue,
        Node = endpoint,
        Subject = stream.Name,
        Detail = $"{deleted.Count} entries from {deleted[0]} to {deleted[^1]} were deleted or trimmed while they were pending.",
    };
}
