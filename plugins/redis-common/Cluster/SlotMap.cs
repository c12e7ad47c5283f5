namespace Penstock.Redis;

/// <summary>Which primary serves which slots, as one node of a cluster sees it. Immutable.</summary>
sealed class SlotMap
{
    readonly RedisEndpoint[] _primaries;
    readonly short[] _owners;

    SlotMap(RedisEndpoint[] primaries, short[] owners, IReadOnlySet<RedisEndpoint> nodes)
    {
        _primaries = primaries;
        _owners = owners;
        Nodes = nodes;
    }

    /// <summary>The primaries that serve slots, in the order of their first slots.</summary>
    public IReadOnlyList<RedisEndpoint> Primaries => _primaries;

    /// <summary>All nodes, replicas among them.</summary>
    public IReadOnlySet<RedisEndpoint> Nodes { get; }

    /// <summary>The primary of a slot; null when nobody serves it.</summary>
    public RedisEndpoint? OwnerOf(int slot) => _owners[slot] is var owner && owner < 0 ? null : _primaries[owner];

    /// <summary>Collects what a node tells.</summary>
    public sealed class Builder
    {
        readonly RedisEndpoint?[] _owners = new RedisEndpoint?[HashSlot.Count];
        readonly HashSet<RedisEndpoint> _nodes = [];

        public void AddNode(RedisEndpoint node) => _nodes.Add(node);

        public void AddSlots(long first, long last, RedisEndpoint primary)
        {
            if (first < 0 || last >= HashSlot.Count || first > last)
            {
                throw new RedisProtocolException($"Expected slots within 0–{HashSlot.Count - 1}, found {first}–{last}.");
            }

            _owners.AsSpan((int)first, (int)(last - first + 1)).Fill(primary);
        }

        public SlotMap Build()
        {
            var primaries = _owners.OfType<RedisEndpoint>().Distinct().ToArray();
            return new SlotMap(primaries, [.. _owners.Select(owner => (short)(owner is { } known ? Array.IndexOf(primaries, known) : -1))], _nodes);
        }
    }
}
