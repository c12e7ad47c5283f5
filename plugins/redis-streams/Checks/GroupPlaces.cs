using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>What <c>penstock positions show --live</c> tells of each stream: how far its group lags, and what each consumer holds.</summary>
sealed class GroupPlaces(RedisStreamsOptions options, CheckReport report)
{
    public async ValueTask RunAsync(RedisCheck check, CancellationToken cancellationToken)
    {
        foreach (var stream in options.Streams)
        {
            await check.AtKeyAsync(stream, primary => DescribeAsync(primary, stream, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
    }

    async ValueTask DescribeAsync(RedisConnection primary, string stream, CancellationToken cancellationToken)
    {
        try
        {
            var facts = await primary.ExecuteAsync(["XINFO", "STREAM", stream], cancellationToken).ConfigureAwait(false);
            report.Fact($"stream \"{stream}\" at {primary.Endpoint}: {facts.Find("length"u8).AsInt64()} entries, the newest {facts.Find("last-generated-id"u8).AsText()}");
            if (options.Mode == StreamsMode.Group)
            {
                await DescribeGroupAsync(primary, stream, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (RedisException e) when (e.Code is "ERR" or "NOGROUP")
        {
            report.Fact($"stream \"{stream}\" at {primary.Endpoint}, or its group, does not exist");
        }
    }

    async ValueTask DescribeGroupAsync(RedisConnection primary, string stream, CancellationToken cancellationToken)
    {
        var groups = await primary.ExecuteAsync(["XINFO", "GROUPS", stream], cancellationToken).ConfigureAwait(false);
        var group = groups.Items.ToArray().FirstOrDefault(group => group.Find("name"u8).AsText() == options.Group);
        if (group.Count == 0)
        {
            report.Fact($"group \"{options.Group}\" does not exist");
            return;
        }

        var lag = group.Find("lag"u8);
        report.Fact(
            $"group \"{options.Group}\": behind {group.Find("last-delivered-id"u8).AsText()}, lag {(lag.IsNull ? "unknown, the server has lost count" : $"{lag.AsInt64()}")}, "
            + $"{group.Find("pending"u8).AsInt64()} pending");
        var consumers = await primary.ExecuteAsync(["XINFO", "CONSUMERS", stream, options.Group!], cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < consumers.Count; i++)
        {
            await DescribeConsumerAsync(primary, stream, consumers[i], cancellationToken).ConfigureAwait(false);
        }
    }

    async ValueTask DescribeConsumerAsync(RedisConnection primary, string stream, RespValue consumer, CancellationToken cancellationToken)
    {
        var name = consumer.Find("name"u8).AsText();
        var pending = consumer.Find("pending"u8).AsInt64();
        if (pending == 0)
        {
            report.Fact($"consumer \"{name}\": nothing pending");
            return;
        }

        var oldest = await primary.ExecuteAsync(["XPENDING", stream, options.Group!, "-", "+", "1", name], cancellationToken).ConfigureAwait(false);
        report.Fact(oldest.Count == 0
            ? $"consumer \"{name}\": {pending} pending"
            : $"consumer \"{name}\": {pending} pending, the oldest {oldest[0][0].AsText()}, idle for {TimeSpan.FromMilliseconds(oldest[0][2].AsInt64()).TotalSeconds:0.000} s, "
                + $"handed out {oldest[0][3].AsInt64()} times");
    }
}
