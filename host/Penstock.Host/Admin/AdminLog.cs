using Microsoft.Extensions.Logging;

namespace Penstock.Host.Admin;

static partial class AdminLog
{
    [LoggerMessage(300, LogLevel.Information, "admin: listening on {address}")]
    public static partial void Listens(this ILogger log, string address);
}
