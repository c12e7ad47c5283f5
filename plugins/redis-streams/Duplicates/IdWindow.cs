using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Penstock.Sources.RedisStreams;

/// <summary>
/// The last so many ids, in memory alone. Kept as half of their SHA-256: that two ids of a stream ever have the same one is out of the question, and it would be a loss.
/// </summary>
sealed class IdWindow(int size)
{
    readonly HashSet<UInt128> _ids = [];
    readonly Queue<UInt128> _order = [];

    /// <summary>How many have been forgotten to make room.</summary>
    public long Evicted { get; private set; }

    /// <summary>Remembers an id; false when it was remembered already.</summary>
    public bool Add(ReadOnlySpan<byte> id)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(id, hash);
        var half = BinaryPrimitives.ReadUInt128LittleEndian(hash);
        if (!_ids.Add(half))
        {
            return false;
        }

        if (_order.Count == size)
        {
            _ids.Remove(_order.Dequeue());
            Evicted++;
        }

        _order.Enqueue(half);
        return true;
    }
}
