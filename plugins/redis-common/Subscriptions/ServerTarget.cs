using System.Text;

namespace Penstock.Redis;

/// <summary>All names of a feed at one server: this one, or the one that the topology leads to.</summary>
sealed class ServerTarget(RedisServers servers, ISubscriptionFeed feed, string where, RedisEndpoint? node) : ListenTarget
{
    const int MaxAttempts = 100_000;

    /// <summary>The server; null when any will do.</summary>
    public RedisEndpoint? Node => node;

    public override string Where => where;

    public override int Count => feed.Subscription.Count;

    public override ValueTask<RedisConnection> ConnectAsync(CancellationToken cancellationToken) => node is { } named
        ? servers.ConnectSubscriberToAsync(named, cancellationToken)
        : servers.ConnectSubscriberAsync(cancellationToken);

    public override async ValueTask<RedisConnection> ConnectSenderAsync(string subscribed, CancellationToken cancellationToken)
    {
        if (node is { } named)
        {
            return await servers.ConnectToAsync(named, cancellationToken).ConfigureAwait(false);
        }

        if (!servers.IsCluster)
        {
            return await servers.ConnectAsync(cancellationToken).ConfigureAwait(false);
        }

        // From another one, that the way between the two is proven as well; each time one at random, should it be that one's fault.
        var primaries = (await servers.PrimariesAsync(cancellationToken).ConfigureAwait(false)).ToArray();
        Random.Shared.Shuffle(primaries);
        return await NodeConnector.FirstAsync(
            primaries.OrderBy(primary => primary.ToString() == subscribed), servers.ConnectToAsync, cancellationToken).ConfigureAwait(false);
    }

    public override CommandBuffer Subscribe(string? canary) => feed.Subscription.Commands(canary, withSharded: !servers.IsCluster);

    public override async ValueTask<CanaryCall?> CallCanaryAsync(string name, CancellationToken cancellationToken)
    {
        if (node is null)
        {
            return feed.CallCanary(CanaryCall.NamePrefix + name);
        }

        // Its key must be one of this server's.
        for (var tag = 0; tag < MaxAttempts; tag++)
        {
            if (await servers.FindOwnerAsync(HashSlot.Of(Encoding.ASCII.GetBytes($"{tag}")), cancellationToken).ConfigureAwait(false) == node)
            {
                return feed.CallCanary($"{CanaryCall.NamePrefix}{{{tag}}}:{name}");
            }
        }

        return null;
    }
}
