using Microsoft.Extensions.Logging;

namespace Penstock.Sources.RedisKeyspace;

static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "Cannot read {setting} at {node} ({reason}): should it lack one of \"{needed}\", "
        + "events are missing without a loss window. Grant +config|get to check it")]
    public static partial void CannotCheck(this ILogger log, string setting, string node, string reason, string needed);

    [LoggerMessage(2, LogLevel.Warning, "\"{name}\" is no event that is known here: check its spelling; "
        + "whether {setting} covers it cannot be told")]
    public static partial void UnknownEvent(this ILogger log, string name, string setting);
}
