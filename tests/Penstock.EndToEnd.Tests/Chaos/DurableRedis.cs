using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests.Chaos;

/// <summary>A Redis that loses nothing it acknowledged, so that whatever is lost was lost by us.</summary>
static class DurableRedis
{
    public static RedisServerOptions Options { get; } = new() { AppendOnly = true, ExtraLines = ["appendfsync always"] };
}
