using Penstock.Redis;

namespace Penstock.Sinks.RedisStreams;

/// <summary>What <c>penstock check</c> looks at for this sink.</summary>
sealed class SinkCheck(RedisStreamsOptions options, CheckReport report)
{
    public async ValueTask RunAsync(RedisCheck check, CancellationToken cancellationToken)
    {
        await check.EachPrimaryAsync(primary => CheckServerAsync(check, primary, cancellationToken), cancellationToken).ConfigureAwait(false);
        await check.RightsAsync(Rights(), cancellationToken).ConfigureAwait(false);
        if (options is { MaxLength: null, MaxAge: null })
        {
            report.Warn("this sink trims nothing: its streams grow until the server's memory is full", "set maxLength or maxAge, or let the readers trim");
        }
    }

    async ValueTask CheckServerAsync(RedisCheck check, RedisConnection primary, CancellationToken cancellationToken)
    {
        var replicas = await check.ServerAsync(primary, keepsData: true, cancellationToken).ConfigureAwait(false);
        if (replicas < options.WaitReplicas)
        {
            report.Fail(
                $"{primary.Endpoint} has {replicas} replica(s), expected {options.WaitReplicas} (waitReplicas): no batch would ever count as delivered",
                "connect more replicas, or lower waitReplicas");
        }

        await check.SettingAsync(
            primary, "proto-max-bulk-len", "an event that it finds too large is sent again and again", cancellationToken).ConfigureAwait(false);
    }

    List<RedisRight> Rights()
    {
        // A template's names are known only with the events; a name without placeholders is looked at as it is.
        var isName = !options.Stream.Contains('{', StringComparison.Ordinal);
        var rights = new List<RedisRight>
        {
            new("add entries", isName ? options.Stream : null, IsRequired: true, "XADD", isName ? options.Stream : "penstock", "*", "id", "0"),
        };
        if (options.Atomic)
        {
            var position = options.Connection.KeyPrefix + "positions:*";
            rights.Add(new RedisRight("store positions", position, IsRequired: true, "EVALSHA", "0", "1", position));
            rights.Add(new RedisRight("store positions", position, IsRequired: true, "EVAL", "", "1", position));
            rights.Add(new RedisRight("store positions", position, IsRequired: true, "HSET", position, "0", "0"));
            rights.Add(new RedisRight("store positions", position, IsRequired: true, "HGET", position, "0"));
            rights.Add(new RedisRight("store positions", position, IsRequired: true, "HGETALL", position));
        }

        if (options.WaitReplicas > 0)
        {
            rights.Add(new RedisRight("wait for replicas", Name: null, IsRequired: true, "WAIT", "0", "1"));
        }

        return rights;
    }
}
