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

    [LoggerMessage(3, LogLevel.Warning, "Cannot see at {node} whether somebody empties the database ({reason}): FLUSHALL, FLUSHDB and SWAPDB "
        + "go without a loss window. Grant +info to notice them")]
    public static partial void CannotSeeFlushes(this ILogger log, string node, string reason);

    [LoggerMessage(4, LogLevel.Warning, "Cannot read values at {node} ({reason}): events come without them until it works again. "
        + "With NOPERM, grant what the plugin's README lists for enrich")]
    public static partial void CannotReadValues(this ILogger log, string node, string reason);
}
