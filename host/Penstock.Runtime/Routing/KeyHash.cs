using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Penstock.Runtime.Routing;

/// <summary>
/// Hashes subject and key to the same number in every process, so that an event finds the lane it had before a restart.
/// Not thread-safe: the last subject's hash is kept, because events come in runs of one subject.
/// </summary>
sealed class KeyHash
{
    string _subject = "";
    uint _subjectHash;

    public uint Of(ChangeEvent change)
    {
        if (!ReferenceEquals(change.Subject, _subject))
        {
            _subject = change.Subject;
            _subjectHash = Crc(0, MemoryMarshal.AsBytes(_subject.AsSpan()));
        }

        return Finish(Crc(_subjectHash, change.Key.Span));
    }

    /// <summary>Of a position, where its order decides.</summary>
    public static uint Of(UInt128 order)
    {
        var high = (ulong)(order >> 64);
        return Finish(BitOperations.Crc32C(BitOperations.Crc32C(0, high), (ulong)order));
    }

    static uint Crc(uint crc, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (var b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return crc;
    }

    // A CRC is linear: neighbouring keys would share their low bits, and so a lane, without this mix (MurmurHash3's finaliser).
    static uint Finish(uint hash)
    {
        hash = (hash ^ (hash >> 16)) * 0x85EBCA6B;
        hash = (hash ^ (hash >> 13)) * 0xC2B2AE35;
        return hash ^ (hash >> 16);
    }
}
