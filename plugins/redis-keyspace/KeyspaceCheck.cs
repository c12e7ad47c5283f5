using Penstock.Redis;

namespace Penstock.Sources.RedisKeyspace;

/// <summary>What <c>penstock check</c> looks at for this source.</summary>
sealed class KeyspaceCheck(RedisKeyspaceOptions options, NotificationCheck notifications, CheckReport report)
{
    static readonly string[][] ValueCommands =
    [
        ["TYPE"], ["MEMORY", "USAGE"], ["GET"], ["LRANGE", "0", "-1"], ["SMEMBERS"], ["ZRANGE", "0", "-1"], ["HGETALL"], ["XREVRANGE", "+", "-"],
    ];

    public async ValueTask RunAsync(RedisCheck check, CancellationToken cancellationToken)
    {
        await check.EachPrimaryAsync(primary => CheckServerAsync(check, primary, cancellationToken), cancellationToken).ConfigureAwait(false);
        await check.RightsAsync([.. Rights()], cancellationToken).ConfigureAwait(false);
    }

    async ValueTask CheckServerAsync(RedisCheck check, RedisConnection primary, CancellationToken cancellationToken)
    {
        await check.ServerAsync(primary, keepsData: false, cancellationToken).ConfigureAwait(false);
        await SubscriberCheck.RunAsync(check, primary, report, cancellationToken).ConfigureAwait(false);
        var found = await check.SettingAsync(
            primary, NotificationCheck.Setting, "what it does not notify of is missed without a word", cancellationToken).ConfigureAwait(false);
        if (found is not null && notifications.Find(primary.Endpoint, found) is var (problem, remedy))
        {
            report.Fail(problem, remedy);
        }
    }

    IEnumerable<RedisRight> Rights()
    {
        foreach (var pattern in options.Keys)
        {
            var channel = RedisKeyspaceFeed.PrefixOf(options.Connection.Database) + pattern;
            yield return new RedisRight("listen", channel, IsRequired: true, "PSUBSCRIBE", channel);
            foreach (var command in options.Enrich ? ValueCommands : [])
            {
                var isContainer = command[0] == "MEMORY";
                yield return new RedisRight(
                    "read values", pattern, IsRequired: false, isContainer ? [.. command, pattern] : [command[0], pattern, .. command[1..]]);
            }
        }

        if (options.Canary)
        {
            var canaries = options.Connection.KeyPrefix + CanaryCall.NamePrefix + "*";
            var heard = RedisKeyspaceFeed.PrefixOf(options.Connection.Database) + canaries;
            yield return new RedisRight("hear canaries", heard, IsRequired: false, "SUBSCRIBE", heard);
            yield return new RedisRight("set canaries", canaries, IsRequired: false, "SET", canaries, "1", "PX", "1");
        }
    }
}
