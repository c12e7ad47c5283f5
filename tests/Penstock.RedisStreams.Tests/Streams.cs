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

    /// <summary>Adds entries and trims the stream in one go, so that nobody reads in between.</summary>
    /// <param name="redis">The server.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="first">The first number.</param>
    /// <param name="last">The last number.</param>
    /// <param name="keep">How many of the newest stay; all without it.</param>
    /// <param name="anew">Whether the stream is deleted before.</param>
    public static void AddAndTrim(PlainRedis redis, string stream, int first, int last, int keep = int.MaxValue, bool anew = false)
    {
        const string script =
            """
            if ARGV[4] == 'True' then redis.call('DEL', KEYS[1]) end
            for n = tonumber(ARGV[1]), tonumber(ARGV[2]) do redis.call('XADD', KEYS[1], 1700000000000 + n .. '-0', 'n', n) end
            redis.call('XTRIM', KEYS[1], 'MAXLEN', ARGV[3])
            """;
        redis.Send("EVAL", script, "1", stream, $"{first}", $"{last}", $"{keep}", $"{anew}");
    }

    public static long Pending(PlainRedis redis, string stream) => (long)((object?[])redis.Send("XPENDING", stream, "g")!)[0]!;

    public static int Groups(PlainRedis redis, string stream) => ((object?[])redis.Send("XINFO", "GROUPS", stream)!).Length;

    /// <summary>Waits until a source that is reading has compared counts twice more: once after now for certain.</summary>
    public static async Task LooksAgainAsync(PlainRedis redis, string command = "xinfo|groups")
    {
        var before = Calls(redis, command);
        await Eventually.HoldsAsync(() => Calls(redis, command) >= before + 2, "the source has looked again");
    }

    public static int Number(ChangeEvent change) => int.Parse(change.After!.Value.GetString("n")!);

    public static IEnumerable<int> Numbers(SourceReading reading) => reading.Events.Select(Number);

    public static int Calls(PlainRedis redis, string command)
    {
        var counter = $"cmdstat_{command}:calls=";
        var stats = (string)redis.Send("INFO", "commandstats")!;
        var start = stats.IndexOf(counter, StringComparison.Ordinal);
        return start < 0 ? 0 : int.Parse(stats[(start + counter.Length)..].Split(',')[0]);
    }
}
