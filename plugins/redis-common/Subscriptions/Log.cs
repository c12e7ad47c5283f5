using Microsoft.Extensions.Logging;

namespace Penstock.Redis;

static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "{pipeline}/{source}: {count} subscriptions confirmed by {node}")]
    public static partial void Subscribed(this ILogger log, string pipeline, string source, int count, string node);

    [LoggerMessage(3, LogLevel.Warning, "{pipeline}/{source}: {node} takes no canary ({reason}): that subscriptions work is not proven, "
        + "and loss windows are not certain. Grant what the plugin's README lists, or set canary to false")]
    public static partial void CanaryRefused(this ILogger log, string pipeline, string source, string node, string reason);
}
