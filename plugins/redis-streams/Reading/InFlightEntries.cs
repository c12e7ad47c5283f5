namespace Penstock.Sources.RedisStreams;

/// <summary>
/// The entries that were emitted and are not yet acknowledged. They are still pending at the server, and a reconnecting source must not
/// emit them again. Kept by batch: the hot path pays nothing per entry.
/// </summary>
sealed class InFlightEntries
{
    readonly HashSet<EntryBatch> _batches = [];
    readonly Lock _gate = new();

    public void Add(EntryBatch batch)
    {
        lock (_gate)
        {
            _batches.Add(batch);
        }
    }

    public void Remove(EntryBatch batch)
    {
        lock (_gate)
        {
            _batches.Remove(batch);
        }
    }

    /// <summary>The stream's ids now. Take it before asking the server: what is acknowledged meanwhile must not look new.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="anyGeneration">Also those from before a group was made anew, or a lease was lost: they are on their way through the host all the same.</param>
    public HashSet<StreamId> Snapshot(StreamState stream, bool anyGeneration = false)
    {
        var ids = new HashSet<StreamId>();
        lock (_gate)
        {
            foreach (var batch in _batches)
            {
                if (batch.Stream == stream && (anyGeneration || batch.Generation == stream.Generation))
                {
                    foreach (var id in batch.Ids)
                    {
                        ids.Add(id);
                    }
                }
            }
        }

        return ids;
    }

    /// <summary>How many entries of the stream there are now.</summary>
    public int Count(StreamState stream)
    {
        lock (_gate)
        {
            return _batches.Where(batch => batch.Stream == stream && batch.Generation == stream.Generation).Sum(batch => batch.Ids.Length);
        }
    }
}
