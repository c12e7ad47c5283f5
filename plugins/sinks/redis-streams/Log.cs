using Microsoft.Extensions.Logging;

namespace Penstock.Sinks.RedisStreams;

static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning,
        "{Endpoint}: {Reached} of {Replicas} replicas had the batch after {Timeout}; it counts as delivered only when all of them have it")]
    public static partial void ReplicasLag(this ILogger log, string endpoint, long reached, int replicas, TimeSpan timeout);
}
