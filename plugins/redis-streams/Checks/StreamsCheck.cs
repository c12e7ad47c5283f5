using System.Globalization;
using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>What <c>penstock check</c> looks at for this source.</summary>
sealed class StreamsCheck(RedisStreamsOptions options, CheckReport report)
{
    // Rights do not depend on it.
    const string Consumer = "penstock";

    public async ValueTask RunAsync(RedisCheck check, CancellationToken cancellationToken)
    {
        await check.EachPrimaryAsync(
            async primary => await check.ServerAsync(primary, keepsData: true, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        await check.RightsAsync([.. options.Streams.SelectMany(Rights)], cancellationToken).ConfigureAwait(false);
        foreach (var stream in options.Streams)
        {
            await check.AtKeyAsync(stream, primary => CheckStreamAsync(primary, stream, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
    }

    IEnumerable<RedisRight> Rights(string stream)
    {
        yield return new RedisRight("see what is trimmed unread", stream, IsRequired: false, "XINFO", "STREAM", stream);
        if (options.Mode == StreamsMode.Read)
        {
            yield return new RedisRight("read entries", stream, IsRequired: true, "XREAD", "STREAMS", stream, "0");
            yield break;
        }

        var group = options.Group!;
        yield return new RedisRight("see what is trimmed unread", stream, IsRequired: false, "XINFO", "GROUPS", stream);
        yield return new RedisRight("stop without waiting for a read", Name: null, IsRequired: false, "CLIENT", "UNBLOCK", "0");
        yield return new RedisRight("make the group", stream, IsRequired: true, "XGROUP", "CREATE", stream, group, "0", "MKSTREAM");
        yield return new RedisRight("read entries", stream, IsRequired: true, "XREADGROUP", "GROUP", group, Consumer, "STREAMS", stream, ">");
        yield return new RedisRight("acknowledge entries", stream, IsRequired: true, "XACK", stream, group, "0-0");
        foreach (var (purpose, key, command) in RightsOfJobs(stream, group))
        {
            yield return new RedisRight(purpose, key, IsRequired: true, command);
        }

        if (options.ClaimIdle is { } idle)
        {
            var milliseconds = ((long)idle.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
            yield return new RedisRight("take over entries", stream, IsRequired: true, "XAUTOCLAIM", stream, group, Consumer, milliseconds, "0-0");
        }
    }

    // What the scripts of these jobs call; EVAL is asked for once, with the key that it writes.
    IEnumerable<(string Purpose, string Key, string[] Command)> RightsOfJobs(string stream, string group)
    {
        if (options.Ordered)
        {
            const string purpose = "read a stream by one host at a time";
            var lease = StreamLeases.KeyOf(options.Connection.KeyPrefix, stream, group);
            yield return (purpose, lease, ["EVAL", "", "1", lease]);
            yield return (purpose, lease, ["EVALSHA", "", "1", lease]);
            yield return (purpose, lease, ["GET", lease]);
            yield return (purpose, lease, ["SET", lease, ""]);
            yield return (purpose, lease, ["INCR", lease]);
            yield return (purpose, lease, ["PEXPIRE", lease, "1"]);
            yield return (purpose, lease, ["DEL", lease]);
            yield return (purpose, stream, ["XPENDING", stream, group]);
            yield return (purpose, stream, ["XAUTOCLAIM", stream, group, Consumer, "0", "0-0"]);
        }

        if (options.DeadLetterStream is { } letters)
        {
            yield return ("set entries aside", stream, ["XPENDING", stream, group]);
            yield return ("set entries aside", letters, ["XADD", letters, "*", "f", "v"]);
        }
    }

    async ValueTask CheckStreamAsync(RedisConnection primary, string stream, CancellationToken cancellationToken)
    {
        try
        {
            var reply = await primary.ExecuteAsync(["XINFO", "STREAM", stream], cancellationToken).ConfigureAwait(false);
            var length = reply.Find("length"u8).AsInt64();
            var added = reply.Find("entries-added"u8);
            report.Fact($"stream \"{stream}\" has {length} entries");
            if (length > 0 && !added.IsNull && added.AsInt64() == length && options.Trim is null)
            {
                report.Warn(
                    $"nobody has ever trimmed stream \"{stream}\": its {length} entries stay until the server's memory is full",
                    "let its producer trim it (XADD … MAXLEN ~ n), by more than the slowest reader may be behind, or set \"trim\"");
            }
        }
        catch (RedisException e) when (e.Code == "WRONGTYPE")
        {
            report.Fail($"key \"{stream}\" at {primary.Endpoint} is no stream", "correct \"streams\", or rename the key");
        }
        catch (RedisException e) when (e.Message.Contains("no such key", StringComparison.Ordinal))
        {
            report.Fact($"stream \"{stream}\" does not exist yet{(options.Mode == StreamsMode.Group ? "; a run makes it, with its group" : "")}");
        }
        catch (RedisException e) when (e.Code == "NOPERM")
        {
            // Said among the rights.
        }
    }
}
