namespace Penstock.Redis;

/// <summary>Whatever goes wrong between a plugin and its Redis server. The message has no secrets and no payload.</summary>
public abstract class RedisClientException(FailureKind kind, string message, Exception? innerException) : Exception(message, innerException)
{
    /// <summary>Whether trying again can help.</summary>
    public FailureKind Kind { get; } = kind;

    /// <summary>What the operator can do about it; empty when the message says so or nothing is to be done.</summary>
    public virtual string Remedy => "";

    /// <summary>Whether the server has not, or not any more, what it was asked for: who connects anew finds the one that has.</summary>
    public virtual bool NeedsOtherServer => false;

    /// <summary>The same failure as the host understands it.</summary>
    /// <param name="doing">What was being done, such as <c>Reading stream "orders" at 127.0.0.1:6379</c>.</param>
    public PluginException ToPluginException(string doing) =>
        new(Kind, Remedy.Length == 0 ? $"{doing}: {Message}" : $"{doing}: {Message} {Remedy}", this);
}
