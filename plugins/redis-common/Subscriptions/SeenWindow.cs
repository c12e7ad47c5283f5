namespace Penstock.Redis;

/// <summary>Windows of which both ends are known when they are noticed.</summary>
static class SeenWindow
{
    public static LossWindow Of(Overflow overflow, string node, string subject) => new()
    {
        Cause = LossCause.Overflow,
        OpenedAt = overflow.Since,
        ClosedAt = overflow.Until,
        Node = node,
        Subject = subject,
        IsCertain = true,
        Missed = overflow.Count,
        Detail = "The pipeline took the messages more slowly than they came: what found no room (maxBacklog) was dropped.",
    };

    public static LossWindow Of((DateTimeOffset From, DateTimeOffset To) silent, string node) => new()
    {
        Cause = LossCause.Deleted,
        OpenedAt = silent.From,
        ClosedAt = silent.To,
        Node = node,
        IsCertain = true,
        Detail = "FLUSHALL, FLUSHDB or SWAPDB was called: the server changed keys in bulk and notified nobody.",
    };
}
