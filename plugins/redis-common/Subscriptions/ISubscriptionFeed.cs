namespace Penstock.Redis;

/// <summary>What makes one at-most-once source differ from another: what it subscribes to, and what it makes of a message.</summary>
public interface ISubscriptionFeed : IAsyncDisposable
{
    SourceTraits Traits { get; }

    Subscription Subscription { get; }

    /// <summary>Whether the server may stop sending what is asked for, so that it must be asked again and again.</summary>
    bool DependsOnSettings { get; }

    /// <summary>Whether in a cluster each primary tells of its own keys only, so that all must be listened to.</summary>
    bool IsFromEveryPrimary { get; }

    /// <summary>What makes the server send something to the subscribers of a canary's channel.</summary>
    /// <param name="name">The canary's name, of its own for each connection.</param>
    CanaryCall CallCanary(string name);

    /// <summary>Looks whether the server sends what is asked for; called on every connection before it subscribes, and about once a second from then on.</summary>
    /// <returns>How often so far the server has changed data without telling anybody, as far as it says; else 0.</returns>
    /// <exception cref="PluginException">It does not, and only an operator can change that.</exception>
    ValueTask<long> CheckAsync(RedisConnection connection, CancellationToken cancellationToken);

    /// <summary>Whether somebody asked for this message. Called from several threads.</summary>
    bool IsWanted(in PushMessage message);

    /// <summary>Learns what else the events of these messages are to say, before each of them is read.</summary>
    /// <param name="messages">Wanted ones, in order.</param>
    /// <param name="node">The server that sent them, as host:port.</param>
    ValueTask PrepareAsync(IReadOnlyList<PushMessage> messages, string node);

    /// <summary>The event of a wanted message.</summary>
    ChangeEvent Read(in PushMessage message, SourcePosition position);
}
