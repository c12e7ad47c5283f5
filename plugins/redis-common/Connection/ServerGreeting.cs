namespace Penstock.Redis;

/// <summary>What the server said of itself and of us when it let us in (HELLO).</summary>
/// <param name="ClientId">Its number for our connection.</param>
/// <param name="IsSentinel">Whether it is a sentinel.</param>
/// <param name="IsClusterNode">Whether it is a node of a cluster.</param>
/// <param name="IsPrimary">Whether it is a primary: it takes writes, and nobody else has newer ones.</param>
readonly record struct ServerGreeting(long ClientId, bool IsSentinel, bool IsClusterNode, bool IsPrimary)
{
    public static ServerGreeting Of(RespValue hello) => new(
        hello.Find("id"u8).AsInt64(),
        hello.Find("mode"u8).Span.SequenceEqual("sentinel"u8),
        hello.Find("mode"u8).Span.SequenceEqual("cluster"u8),
        hello.Find("role"u8).Span.SequenceEqual("master"u8));
}
