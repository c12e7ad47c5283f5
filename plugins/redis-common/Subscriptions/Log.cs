using Microsoft.Extensions.Logging;

namespace Penstock.Redis;

static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "{pipeline}/{source}: {count} subscriptions confirmed by {node}")]
    public static partial void Subscribed(this ILogger log, string pipeline, string source, int count, string node);

    [LoggerMessage(3, LogLevel.Warning, "{pipeline}/{source}: {node} takes no canary ({reason}): that subscriptions work is not proven, "
        + "and loss windows are not certain. Grant what the plugin's README lists, or set canary to false")]
    public static partial void CanaryRefused(this ILogger log, string pipeline, string source, string node, string reason);

    [LoggerMessage(4, LogLevel.Warning, "{pipeline}/{source}: not listening at {where} for the time being, the other servers are not concerned: {reason}")]
    public static partial void NodeFails(this ILogger log, string pipeline, string source, string where, string reason);

    [LoggerMessage(5, LogLevel.Information, "{pipeline}/{source}: listens at {node} no more, which serves no slots as a primary any more")]
    public static partial void NodeLeft(this ILogger log, string pipeline, string source, string node);

    [LoggerMessage(6, LogLevel.Information, "{pipeline}/{source}: {node} is a primary now and is listened to")]
    public static partial void NodeJoined(this ILogger log, string pipeline, string source, string node);
}
