using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>Now and then takes over what other consumers have left pending for too long. What is in flight here is pending, too, and is skipped.</summary>
sealed class AbandonedEntries(
    TimeSpan idle, GroupReader reader, EntryEmitter emitter, InFlightEntries inFlight, TimeProvider time, ILogger log)
{
    // Where in the reply of XAUTOCLAIM; absent before Redis 7.0.
    const int DeletedEntries = 2;

    long? _looked;

    /// <summary>Whether it is time to look: twice per idle time, so that what is abandoned waits for half as long again, at the most.</summary>
    public bool IsDue => _looked is not { } looked || time.GetElapsedTime(looked) >= idle / 2;

    public async IAsyncEnumerable<SourceMessage> TakeAsync(
        IReadOnlyList<StreamState> streams, [EnumeratorCancellation] CancellationToken stopReading)
    {
        if (!IsDue)
        {
            yield break;
        }

        _looked = time.GetTimestamp();
        foreach (var stream in streams)
        {
            await foreach (var message in TakeAsync(stream, stopReading).ConfigureAwait(false))
            {
                yield return message;
            }
        }
    }

    /// <summary>All that is pending for so long, in the order of their ids, whoever holds it.</summary>
    public async IAsyncEnumerable<SourceMessage> TakeAsync(StreamState stream, [EnumeratorCancellation] CancellationToken stopReading)
    {
        var from = default(StreamId);
        do
        {
            var skip = inFlight.Snapshot(stream);
            var page = await reader.ClaimAsync(stream, idle, from, stopReading).ConfigureAwait(false);
            from = StreamId.Parse(page[0].Span);
            await foreach (var message in EmitAsync(stream, page, skip, stopReading).ConfigureAwait(false))
            {
                yield return message;
            }
        }
        while (from != default);
    }

    async IAsyncEnumerable<SourceMessage> EmitAsync(
        StreamState stream, RespValue page, HashSet<StreamId> skip, [EnumeratorCancellation] CancellationToken stopReading)
    {
        if (page.Count < DeletedEntries + 1)
        {
            throw new PluginException(
                FailureKind.Permanent,
                $"\"claimIdle\" and \"ordered\" need Redis 7.0 or newer: XAUTOCLAIM of {reader.Endpoint} does not say which entries were deleted. Leave them out, or upgrade the server.");
        }

        // First: the server has forgotten them by now, and nobody can ask again.
        var deleted = new List<StreamId>();
        foreach (var text in page[DeletedEntries].Items.ToArray())
        {
            var id = StreamId.Parse(text.Span);
            if (!skip.Contains(id))
            {
                deleted.Add(id);
            }
        }

        if (deleted.Count > 0)
        {
            yield return emitter.Report(stream, deleted, reader.Endpoint);
            yield return stream.ToWatermark();
        }

        var taken = 0;
        await foreach (var message in emitter.EmitAgainAsync(stream, reader.Consumer, page[1], skip, reader.Endpoint, stopReading).ConfigureAwait(false))
        {
            taken += message is ChangeEvent ? 1 : 0;
            yield return message;
        }

        if (taken > 0 && idle > TimeSpan.Zero)
        {
            log.EntriesWereTakenOver(taken, stream.Name, reader.Endpoint, idle);
        }
    }
}
