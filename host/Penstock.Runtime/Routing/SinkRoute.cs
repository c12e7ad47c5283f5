using Penstock.Runtime.Lanes;
using Penstock.Runtime.Settlement;

namespace Penstock.Runtime.Routing;

/// <summary>Chooses the lane of one sink for each event of one source, unless the sink has the event already.</summary>
sealed class SinkRoute(LaneLayout layout, LaneFeed[] feeds)
{
    long _skipped;

    public LaneFeed[] Feeds => feeds;

    public LaneLayout Layout => layout;

    /// <summary>Whether the sink acts on schema changes.</summary>
    public bool WantsSchemas { get; init; }

    /// <summary>Whether its batches end between transactions only.</summary>
    public bool KeepsTransactions { get; init; }

    /// <summary>What the sink has of what a restart brings again; null when that is unknown.</summary>
    public ReplayFilter? Replay { get; set; }

    /// <summary>Events not sent because the sink has them.</summary>
    public long Skipped => Volatile.Read(ref _skipped);

    /// <summary>Pump side: the lane, or null when the sink has the event.</summary>
    public LaneFeed? Choose(ChangeEvent change, uint keyHash) => Unless(change, layout.LaneOf(keyHash, change.Position));

    /// <summary>Pump side: as <see cref="Choose"/>, for an event that concerns all lanes.</summary>
    public LaneFeed? ChooseForAll(ChangeEvent change) => Unless(change, 0);

    LaneFeed? Unless(ChangeEvent change, int lane)
    {
        if (Replay is not { } replay || !replay.Has(change, lane))
        {
            return feeds[lane];
        }

        Volatile.Write(ref _skipped, _skipped + 1);
        return null;
    }
}
