using System.Numerics;

namespace Penstock.Sinks.RedisStreams;

/// <summary>Which of several streams an event belongs to: the same for all events of a key, on every machine and for ever.</summary>
static class Shard
{
    public const int MaxDigits = 10;

    /// <returns>A number from 0 up to the count; an event without a key has the shard of its subject.</returns>
    public static uint Of(ChangeEvent change, int count)
    {
        var crc = 0u;
        if (change.Key.IsEmpty)
        {
            foreach (var character in change.Subject)
            {
                crc = BitOperations.Crc32C(crc, character);
            }
        }

        foreach (var value in change.Key.Span)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        // The low bits of neighbouring keys' checksums are alike; a multiplication spreads them over the high ones (Fibonacci hashing).
        return (uint)(((ulong)(crc * 0x9E3779B1) * (uint)count) >> 32);
    }
}
