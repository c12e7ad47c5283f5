using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>The commands that this source sends about one stream, those of its scripts included.</summary>
sealed class StreamRights(RedisStreamsOptions options, string stream)
{
    // Rights do not depend on it.
    const string Consumer = "penstock";

    readonly string _leases = options.Connection.KeyPrefix + "lease:*";
    readonly string _places = options.Connection.KeyPrefix + "readers:*";

    public IEnumerable<RedisRight> List() => OfMode().Concat(OfDelay()).Concat(OfTrim());

    IEnumerable<RedisRight> OfMode()
    {
        if (options.Mode == StreamsMode.Read)
        {
            yield return Needed("see what is trimmed unread", "XINFO", "STREAM", stream);
            yield return Needed("read entries", "XREAD", "STREAMS", stream, "0");
            yield return new RedisRight("tell those who trim how far it is", _places, IsRequired: options.Trim is not null, "HSET", _places, "f", "v");
            yield break;
        }

        var group = options.Group!;
        var mustLook = options.OnGap == GapPolicy.Halt;
        yield return new RedisRight("see what is trimmed unread", stream, mustLook, "XINFO", "STREAM", stream);
        yield return new RedisRight("see what is trimmed unread", stream, mustLook, "XINFO", "GROUPS", stream);
        yield return new RedisRight("stop without waiting for a read", Name: null, IsRequired: false, "CLIENT", "UNBLOCK", "0");
        yield return Needed("make the group", "XGROUP", "CREATE", stream, group, "0", "MKSTREAM");
        yield return Needed("read entries", "XREADGROUP", "GROUP", group, Consumer, "STREAMS", stream, ">");
        yield return Needed("acknowledge entries", "XACK", stream, group, "0-0");
        yield return Wished("deliver what a former reader left pending", "XPENDING", stream, group);
        foreach (var right in OfGroup(group))
        {
            yield return right;
        }
    }

    IEnumerable<RedisRight> OfGroup(string group)
    {
        if (options.ClaimIdle is not null)
        {
            const string purpose = "take over entries, and keep its own";
            yield return Needed(purpose, "XAUTOCLAIM", stream, group, Consumer, "0", "0-0");
            yield return Needed(purpose, "XCLAIM", stream, group, Consumer, "0", "0-0");
            yield return Needed(purpose, "XPENDING", stream, group);
            yield return Needed(purpose, "XRANGE", stream, "-", "+");
            yield return Needed(purpose, "EVAL", "", "1", stream);
            yield return Needed(purpose, "EVALSHA", "", "1", stream);
        }

        if (options.Ordered)
        {
            const string purpose = "read a stream by one host at a time";
            yield return Needed(purpose, "XPENDING", stream, group);
            yield return Needed(purpose, "XAUTOCLAIM", stream, group, Consumer, "0", "0-0");
            foreach (var right in OfLease(purpose))
            {
                yield return right;
            }

            yield return new RedisRight(purpose, _leases, IsRequired: true, "DEL", _leases);
        }

        if (options.DeadLetterStream is { } letters)
        {
            yield return Needed("set entries aside", "XPENDING", stream, group);
            yield return new RedisRight("set entries aside", letters, IsRequired: true, "XADD", letters, "*", "f", "v");
        }
    }

    IEnumerable<RedisRight> OfDelay()
    {
        if (options.DelayOf(stream) is null)
        {
            yield break;
        }

        const string purpose = "read what is due";
        yield return new RedisRight(purpose, Name: null, IsRequired: true, "TIME");
        yield return Needed(purpose, "XRANGE", stream, "-", "+");
        if (options.Mode == StreamsMode.Group)
        {
            yield return Needed(purpose, "XINFO", "GROUPS", stream);
            yield return Needed(purpose, "EVAL", "", "1", stream);
            yield return Needed(purpose, "EVALSHA", "", "1", stream);
        }
    }

    IEnumerable<RedisRight> OfTrim()
    {
        if (options.Trim is null)
        {
            yield break;
        }

        const string purpose = "trim what everybody has read";
        yield return Needed(purpose, "XTRIM", stream, "MINID", "0");
        yield return Needed(purpose, "XINFO", "GROUPS", stream);
        yield return Needed(purpose, "XPENDING", stream, "g");
        yield return Needed(purpose, "EXISTS", stream);
        yield return new RedisRight(purpose, Name: null, IsRequired: true, "TIME");
        yield return new RedisRight(purpose, _places, IsRequired: true, "HGETALL", _places);
        foreach (var right in OfLease(purpose))
        {
            yield return right;
        }
    }

    IEnumerable<RedisRight> OfLease(string purpose)
    {
        string[][] commands = [["EVAL", "", "1", _leases], ["EVALSHA", "", "1", _leases], ["GET", _leases], ["SET", _leases, ""], ["INCR", _leases], ["PEXPIRE", _leases, "1"]];
        return commands.Select(command => new RedisRight(purpose, _leases, IsRequired: true, command));
    }

    RedisRight Needed(string purpose, params string[] command) => new(purpose, stream, IsRequired: true, command);

    RedisRight Wished(string purpose, params string[] command) => new(purpose, stream, IsRequired: false, command);
}
