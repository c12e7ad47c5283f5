using Penstock.Redis;

namespace Penstock.Sinks.RedisStreams.Cluster;

/// <summary>The events of a batch that belong to one stream. They are added as one transaction, at whatever node has the stream.</summary>
sealed class StreamGroup(byte[] stream)
{
    public byte[] Stream { get; } = stream;

    public int Slot { get; } = HashSlot.Of(stream);

    /// <summary>The places of its events in the batch.</summary>
    public List<int> Events { get; } = [];

    /// <summary>Whether the batch has them in the stream.</summary>
    public bool IsAdded { get; set; }

    /// <summary>Where the last node that was asked sent us; null when the map of the slots decides.</summary>
    public Redirect? Redirect { get; set; }
}
