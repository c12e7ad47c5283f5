using Penstock.Redis;

namespace Penstock.Sources.RedisPubSub;

/// <summary>What <c>penstock check</c> looks at for this source.</summary>
sealed class PubSubCheck(RedisPubSubOptions options, CheckReport report)
{
    public async ValueTask RunAsync(RedisCheck check, CancellationToken cancellationToken)
    {
        await check.EachPrimaryAsync(
            async primary =>
            {
                await check.ServerAsync(primary, keepsData: false, cancellationToken).ConfigureAwait(false);
                await SubscriberCheck.RunAsync(check, primary, report, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
        await check.RightsAsync([.. Rights()], cancellationToken).ConfigureAwait(false);
    }

    IEnumerable<RedisRight> Rights()
    {
        (string, IReadOnlyList<string>)[] subscriptions =
            [("SUBSCRIBE", options.Channels), ("PSUBSCRIBE", options.Patterns), ("SSUBSCRIBE", options.ShardedChannels)];
        foreach (var (command, names) in subscriptions)
        {
            foreach (var name in names)
            {
                yield return new RedisRight("listen", name, IsRequired: true, command, name);
            }
        }

        if (options.Canary)
        {
            var canaries = options.Connection.KeyPrefix + CanaryCall.NamePrefix + "*";
            var isSharded = options.Connection.Topology == RedisTopology.Cluster && options.ShardedChannels.Count > 0;
            if (!isSharded || options.Channels.Count + options.Patterns.Count > 0)
            {
                yield return new RedisRight("hear canaries", canaries, IsRequired: false, "SUBSCRIBE", canaries);
                yield return new RedisRight("send canaries", canaries, IsRequired: false, "PUBLISH", canaries, "");
            }

            if (isSharded)
            {
                yield return new RedisRight("hear canaries", canaries, IsRequired: false, "SSUBSCRIBE", canaries);
                yield return new RedisRight("send canaries", canaries, IsRequired: false, "SPUBLISH", canaries, "");
            }
        }
    }
}
