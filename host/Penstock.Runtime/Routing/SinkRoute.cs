using Penstock.Runtime.Lanes;

namespace Penstock.Runtime.Routing;

/// <summary>Chooses the lane of one sink for each event of one source.</summary>
sealed class SinkRoute(Ordering ordering, LaneFeed[] feeds)
{
    int _next;

    public LaneFeed[] Feeds => feeds;

    /// <summary>Whether lanes run side by side, so that an event for all of them has to wait for all of them.</summary>
    public bool NeedsBarrier => feeds.Length > 1 && ordering != Ordering.Source;

    public LaneFeed Choose(uint keyHash)
    {
        if (feeds.Length == 1)
        {
            return feeds[0];
        }

        return ordering switch
        {
            Ordering.Source => feeds[0],
            Ordering.Key => feeds[(int)(keyHash % (uint)feeds.Length)],
            _ => feeds[_next = _next + 1 == feeds.Length ? 0 : _next + 1],
        };
    }
}
