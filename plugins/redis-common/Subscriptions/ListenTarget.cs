namespace Penstock.Redis;

/// <summary>Where a listener listens, and to which names.</summary>
abstract class ListenTarget
{
    /// <summary>The server, or where to ask for it.</summary>
    public abstract string Where { get; }

    /// <summary>What a loss window of this target is about; empty for everything of the source.</summary>
    public virtual string Subject => "";

    /// <summary>The number of names.</summary>
    public abstract int Count { get; }

    /// <summary>Finds out, before a connection is made, which of the names belong elsewhere, and gives those up.</summary>
    /// <returns>Targets for what is given up.</returns>
    public virtual ValueTask<IReadOnlyList<ListenTarget>> RegroupAsync(CancellationToken cancellationToken) => new([]);

    /// <summary>Makes the connection that subscribes.</summary>
    public abstract ValueTask<RedisConnection> ConnectAsync(CancellationToken cancellationToken);

    /// <summary>Makes the connection that sends canaries.</summary>
    /// <param name="subscribed">The server that has subscribed, as host:port.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    public abstract ValueTask<RedisConnection> ConnectSenderAsync(string subscribed, CancellationToken cancellationToken);

    /// <summary>The commands that subscribe, to the canary's channel too.</summary>
    public abstract CommandBuffer Subscribe(string? canary);

    /// <summary>What makes the server send a canary; null when none can be made.</summary>
    public abstract ValueTask<CanaryCall?> CallCanaryAsync(string name, CancellationToken cancellationToken);

    /// <summary>Gives up the names for which the server says that it has them no more.</summary>
    /// <param name="batch">What it sent.</param>
    /// <param name="canary">The canary's channel.</param>
    /// <returns>A target for what is given up, which is this one when nothing is left; null when the server said no such thing.</returns>
    public virtual ListenTarget? Leave(IReadOnlyList<RespValue> batch, string? canary) => null;
}
