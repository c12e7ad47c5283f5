using Microsoft.Extensions.Logging;

namespace Penstock.Redis;

static partial class TopologyLog
{
    [LoggerMessage(2, LogLevel.Warning, "{pipeline}/{instance}: the primary is {primary} now, no longer {before}, says sentinel {sentinel}")]
    public static partial void PrimaryChanged(this ILogger log, string pipeline, string instance, string primary, string before, string sentinel);

    [LoggerMessage(3, LogLevel.Warning, "{pipeline}/{instance}: the primary of {slots} slots is {primary} now, no longer {before}, says {node}")]
    public static partial void PrimaryOfSlotsChanged(
        this ILogger log, string pipeline, string instance, string primary, string before, int slots, string node);

    [LoggerMessage(4, LogLevel.Information, "{pipeline}/{instance}: {slots} slots, the first {first}, are served by {owner} now, no longer by {before}, says {node}")]
    public static partial void SlotsMoved(
        this ILogger log, string pipeline, string instance, int slots, int first, string owner, string before, string node);

    [LoggerMessage(5, LogLevel.Information, "{pipeline}/{instance}: the nodes of the cluster are {nodes} now; gone: {gone}; says {node}")]
    public static partial void NodesChanged(this ILogger log, string pipeline, string instance, string nodes, string gone, string node);
}
