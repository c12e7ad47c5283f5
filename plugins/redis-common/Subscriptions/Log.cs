using Microsoft.Extensions.Logging;

namespace Penstock.Redis;

static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "{pipeline}/{source}: {count} subscriptions confirmed by {node}")]
    public static partial void Subscribed(this ILogger log, string pipeline, string source, int count, string node);
}
