using Microsoft.Extensions.Logging;

namespace Penstock.Redis;

/// <summary>Tells once for all connections of a source that its canaries are not allowed.</summary>
sealed class CanaryRight(ILogger log, SourceContext context)
{
    int _told;

    public void Refused(string node, string reason)
    {
        if (Interlocked.Exchange(ref _told, 1) == 0)
        {
            log.CanaryRefused(context.Pipeline, context.Instance, node, reason);
        }
    }
}
