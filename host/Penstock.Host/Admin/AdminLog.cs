using Microsoft.Extensions.Logging;

namespace Penstock.Host.Admin;

static partial class AdminLog
{
    [LoggerMessage(300, LogLevel.Information, "admin: listening on {address}")]
    public static partial void Listens(this ILogger log, string address);

    [LoggerMessage(301, LogLevel.Warning, "admin: a gauge cannot be read, /metrics goes without it; said once")]
    public static partial void GaugeFails(this ILogger log, Exception failure);

    [LoggerMessage(302, LogLevel.Error, "admin: the health of the pipelines cannot be looked at, tries again")]
    public static partial void LookFails(this ILogger log, Exception failure);
}
