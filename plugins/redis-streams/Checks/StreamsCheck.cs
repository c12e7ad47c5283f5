using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>What <c>penstock check</c> looks at for this source.</summary>
sealed class StreamsCheck(RedisStreamsOptions options, CheckReport report)
{
    public async ValueTask RunAsync(RedisCheck check, CancellationToken cancellationToken)
    {
        await check.EachPrimaryAsync(
            async primary => await check.ServerAsync(primary, keepsData: true, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        await check.RightsAsync([.. options.Streams.SelectMany(stream => new StreamRights(options, stream).List())], cancellationToken).ConfigureAwait(false);
        foreach (var stream in options.Streams)
        {
            await check.AtKeyAsync(stream, primary => CheckStreamAsync(primary, stream, cancellationToken), cancellationToken).ConfigureAwait(false);
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
