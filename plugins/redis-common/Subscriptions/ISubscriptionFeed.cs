namespace Penstock.Redis;

/// <summary>What makes one at-most-once source differ from another: what it subscribes to, and what it makes of a message.</summary>
public interface ISubscriptionFeed
{
    SourceTraits Traits { get; }

    Subscription Subscription { get; }

    /// <summary>Whether the server may stop sending what is asked for, so that it must be asked again and again.</summary>
    bool DependsOnSettings { get; }

    /// <summary>Looks whether the server sends what is asked for; called on every connection before it subscribes, and about once a second from then on.</summary>
    /// <exception cref="PluginException">It does not, and only an operator can change that.</exception>
    ValueTask CheckAsync(RedisConnection connection, CancellationToken cancellationToken);

    /// <summary>The event of a message; null when nobody asked for it.</summary>
    ChangeEvent? Read(ReadOnlyMemory<byte> channel, ReadOnlyMemory<byte> payload, SourcePosition position);
}
