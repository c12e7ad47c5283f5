using Penstock.Redis;

namespace Penstock.Sources.RedisKeyspace;

/// <summary>How the values of each of Redis' types are read.</summary>
static class ValueCommand
{
    /// <summary>A stream tells its newest entries only: it is a log, and seldom small.</summary>
    public const int StreamEntries = 10;

    /// <summary>Whether values of this type are read whole, so that their size matters.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> type) => !type.SequenceEqual("stream"u8);

    /// <summary>Adds the command that reads a key; false when the type is none of Redis' own.</summary>
    public static bool TryAdd(CommandBuffer commands, ReadOnlySpan<byte> type, ReadOnlySpan<byte> key)
    {
        if (type.SequenceEqual("string"u8))
        {
            Add(commands, "GET"u8, key);
        }
        else if (type.SequenceEqual("list"u8))
        {
            Add(commands, "LRANGE"u8, key, "0", "-1");
        }
        else if (type.SequenceEqual("set"u8))
        {
            Add(commands, "SMEMBERS"u8, key);
        }
        else if (type.SequenceEqual("zset"u8))
        {
            Add(commands, "ZRANGE"u8, key, "0", "-1", "WITHSCORES");
        }
        else if (type.SequenceEqual("hash"u8))
        {
            Add(commands, "HGETALL"u8, key);
        }
        else if (type.SequenceEqual("stream"u8))
        {
            Add(commands, "XREVRANGE"u8, key, "+", "-", "COUNT", $"{StreamEntries}");
        }
        else
        {
            return false;
        }

        return true;
    }

    public static void Add(CommandBuffer commands, ReadOnlySpan<byte> command, ReadOnlySpan<byte> key, params ReadOnlySpan<string> rest)
    {
        commands.Begin(2 + rest.Length);
        commands.Add(command);
        commands.Add(key);
        foreach (var argument in rest)
        {
            commands.Add(argument);
        }
    }
}
