namespace Penstock.Redis;

/// <summary>A command that makes the server send something on a channel.</summary>
/// <param name="Channel">Where it comes, if the way is open.</param>
/// <param name="Payload">What comes there.</param>
/// <param name="Command">What to send, on a connection of its own.</param>
public sealed record CanaryCall(string Channel, string Payload, IReadOnlyList<string> Command)
{
    /// <summary>What the names of all canaries begin with, behind the key prefix.</summary>
    public const string NamePrefix = "canary:";
}
