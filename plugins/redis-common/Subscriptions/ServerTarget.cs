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

    public override ValueTask<RedisConnection> ConnectAsync(bool isSubscriber, CancellationToken cancellationToken) => (node, isSubscriber) switch
    {
        ({ } named, true) => servers.ConnectSubscriberToAsync(named, cancellationToken),
        ({ } named, false) => servers.ConnectToAsync(named, cancellationToken),
        (null, true) => servers.ConnectSubscriberAsync(cancellationToken),
        (null, false) => servers.ConnectAsync(cancellationToken),
    };

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
