using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>
/// Which streams one connection can read: of a cluster, those of one slot, since no command names keys of two; and none beside delayed ones, which are not waited for.
/// </summary>
static class Shares
{
    /// <param name="streams">All of them.</param>
    /// <param name="readers">Among how many readers they are shared out; more than there are streams are idle, and left out.</param>
    /// <param name="isCluster">Whether slots matter.</param>
    public static IEnumerable<List<StreamState>> Of(IReadOnlyList<StreamState> streams, int readers, bool isCluster) =>
        streams.Index()
            .GroupBy(item => (Reader: item.Index % readers, Slot: isCluster ? HashSlot.Of(item.Item.NameBytes) : 0, item.Item.Delay), item => item.Item)
            .Select(share => share.ToList());
}
