using Penstock.TestServers;

namespace Penstock.Benchmarks.Soak.Judging;

/// <summary>Removes from a source stream what its group has acknowledged, and nothing else.</summary>
sealed class SourceTrimmer(PlainRedis redis, string stream, string group)
{
    public void Trim()
    {
        // In this order: what is read in between lies behind what was asked first.
        var read = LastRead();
        var pending = (object?[])redis.Send("XPENDING", stream, group)!;

        // Exactly: an approximate trim ends after some thousand entries, however many there are.
        redis.Send("XTRIM", stream, "MINID", pending[1] as string ?? read);
    }

    string LastRead()
    {
        var groups = (object?[])redis.Send("XINFO", "GROUPS", stream)!;
        var fields = ((object?[])groups[0]!).Chunk(2).ToDictionary(pair => (string)pair[0]!, pair => pair[1]);
        return (string)fields["last-delivered-id"]!;
    }
}
