using Penstock.TestServers;

namespace Penstock.RedisStreams.Tests;

/// <summary>Numbered entries, and what the server says about them.</summary>
static class Streams
{
    public static void Add(PlainRedis redis, string stream, int first, int last)
    {
        for (var n = first; n <= last; n++)
        {
            redis.Send("XADD", stream, $"{1700000000000 + n}-0", "n", $"{n}");
        }
    }

    public static long Pending(PlainRedis redis, string stream) => (long)((object?[])redis.Send("XPENDING", stream, "g")!)[0]!;

    public static int Groups(PlainRedis redis, string stream) => ((object?[])redis.Send("XINFO", "GROUPS", stream)!).Length;

    public static int Number(ChangeEvent change) => int.Parse(change.After!.Value.GetString("n")!);

    public static IEnumerable<int> Numbers(SourceReading reading) => reading.Events.Select(Number);
}
