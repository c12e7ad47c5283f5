namespace Penstock.RedisPubSub.Tests;

/// <summary>One number, and between which instants it was published.</summary>
readonly record struct Published(int Number, DateTimeOffset From, DateTimeOffset To);

/// <summary>Holds what arrived against what was published; shares no code with the source.</summary>
static class LossJudge
{
    public static IReadOnlyList<Published> Missing(IEnumerable<Published> published, IEnumerable<int> arrived)
    {
        var seen = arrived.ToHashSet();
        return [.. published.Where(one => !seen.Contains(one.Number))];
    }

    /// <summary>What is missing outside every window.</summary>
    public static IReadOnlyList<Published> Unexplained(
        IEnumerable<Published> published, IEnumerable<int> arrived, IReadOnlyList<LossWindow> windows) =>
        [.. Missing(published, arrived).Where(one => !IsInside(one, windows))];

    public static IReadOnlyList<int> Repeated(IEnumerable<int> arrived) =>
        [.. arrived.GroupBy(number => number).Where(group => group.Count() > 1).Select(group => group.Key)];

    public static bool IsInside(Published one, IReadOnlyList<LossWindow> windows) =>
        windows.Any(window => window.ClosedAt is { } closed && one.To >= window.OpenedAt && one.From <= closed);
}
