using Penstock.Redis;

namespace Penstock.Sinks.RedisStreams.Atomic;

/// <summary>What a lane knows that the server holds. A source has few partitions: a list finds them.</summary>
sealed class LanePositions
{
    readonly List<LanePosition> _positions = [];

    public IReadOnlyList<StoredPosition> Stored => [.. _positions.Select(position => position.Stored).OfType<StoredPosition>()];

    /// <summary>Takes what the server holds in place of what was known.</summary>
    /// <exception cref="RedisConnectionException">The key holds something that this sink has not written.</exception>
    public void Take(RespValue hash, string key)
    {
        _positions.Clear();
        for (var i = 0; i + 1 < hash.Count; i += 2)
        {
            _positions.Add(LanePosition.Parse(hash[i].AsText(), hash[i + 1].AsText()) ?? throw new RedisConnectionException(
                FailureKind.Permanent,
                $"The key \"{key}\" holds no positions of this sink: found the field \"{hash[i].AsText()}\". Set another connection.keyPrefix, or move the key away.",
                innerException: null));
        }
    }

    /// <summary>
    /// Whether the event's position tells anything: not that of a replayed dead letter, which is older than what came before it, and not that of a
    /// source without order, such as a consumer group, which may deliver an older entry behind newer ones.
    /// </summary>
    public static bool Has(ChangeEvent change) =>
        change.Origin.PositionOrder == PositionOrder.Partition && (change.Headers.Count == 0 || !change.Headers.ContainsKey(EventHeaders.Replayed));

    public LanePosition Of(ChangeEvent change)
    {
        var (source, partition) = (change.Origin.Source, change.Position.Partition);
        foreach (var known in _positions)
        {
            if (known.Partition == partition && known.Source == source)
            {
                return known;
            }
        }

        var added = new LanePosition(source, partition);
        _positions.Add(added);
        return added;
    }

    /// <summary>The server holds these, and has stored their positions.</summary>
    public void Reach(IReadOnlyList<ChangeEvent> batch, int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (Has(batch[i]))
            {
                var position = Of(batch[i]);
                var order = batch[i].Position.Order;
                position.Known = position.Known is { } known && known > order ? known : order;
            }
        }
    }
}
