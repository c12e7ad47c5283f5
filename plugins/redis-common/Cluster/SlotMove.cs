namespace Penstock.Redis;

/// <summary>What one node serves now and another served before.</summary>
/// <param name="From">Null when nobody did.</param>
/// <param name="To">Null when nobody does.</param>
/// <param name="First">The lowest of the slots.</param>
/// <param name="Count">How many slots.</param>
/// <param name="IsFailover">Whether one took over all that the other had, having had none itself: a replica became the primary.</param>
readonly record struct SlotMove(RedisEndpoint? From, RedisEndpoint? To, int First, int Count, bool IsFailover)
{
    public static IReadOnlyList<SlotMove> Between(SlotMap before, SlotMap now)
    {
        var moves = new Dictionary<(RedisEndpoint?, RedisEndpoint?), SlotMove>();
        for (var slot = 0; slot < HashSlot.Count; slot++)
        {
            var (old, owner) = (before.OwnerOf(slot), now.OwnerOf(slot));
            if (old != owner)
            {
                var move = moves.TryGetValue((old, owner), out var known)
                    ? known
                    : new SlotMove(old, owner, slot, Count: 0, IsFailover: !Serves(now, old) && !Serves(before, owner));
                moves[(old, owner)] = move with { Count = move.Count + 1 };
            }
        }

        return [.. moves.Values];
    }

    // Nobody is like one who does: what is lost or given out is no failover.
    static bool Serves(SlotMap map, RedisEndpoint? node) => node is not { } known || map.Primaries.Contains(known);
}
