using System.Buffers;
using Penstock.Redis;

namespace Penstock.Sinks.RedisStreams.Cluster;

/// <summary>Sorts a batch by streams, in the order of the batch within each.</summary>
sealed class StreamGroups(RedisStreamsOptions options)
{
    // A name for every key would otherwise be kept for ever.
    const int MaxKnown = 4096;

    readonly StreamTemplate _template = StreamTemplate.Parse(options.Stream, "stream");
    readonly ArrayBufferWriter<byte> _name = new();
    readonly Dictionary<byte[], StreamGroup> _known = new(BytesComparer.Instance);

    /// <param name="batch">The events.</param>
    /// <param name="count">How many of them, from the first.</param>
    /// <param name="without">Those that are left out.</param>
    public List<StreamGroup> Of(IReadOnlyList<ChangeEvent> batch, int count, HashSet<ChangeEvent> without)
    {
        if (_known.Count > MaxKnown)
        {
            _known.Clear();
        }

        foreach (var group in _known.Values)
        {
            group.Events.Clear();
            group.IsAdded = false;
            group.Redirect = null;
        }

        var groups = new List<StreamGroup>();
        var known = _known.GetAlternateLookup<ReadOnlySpan<byte>>();
        for (var i = 0; i < count; i++)
        {
            if (without.Count > 0 && without.Contains(batch[i]))
            {
                continue;
            }

            _name.ResetWrittenCount();
            _template.Write(batch[i], options.Shards, _name);
            if (!known.TryGetValue(_name.WrittenSpan, out var group))
            {
                group = new StreamGroup(_name.WrittenSpan.ToArray());
                _known.Add(group.Stream, group);
            }

            if (group.Events.Count == 0)
            {
                groups.Add(group);
            }

            group.Events.Add(i);
        }

        return groups;
    }
}
