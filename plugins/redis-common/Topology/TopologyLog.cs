using Microsoft.Extensions.Logging;

namespace Penstock.Redis;

static partial class TopologyLog
{
    [LoggerMessage(2, LogLevel.Warning, "{pipeline}/{instance}: the primary is {primary} now, no longer {before}, says sentinel {sentinel}")]
    public static partial void PrimaryChanged(this ILogger log, string pipeline, string instance, string primary, string before, string sentinel);
}
