namespace Penstock.Demo;

/// <summary>Percentiles of the time from the commit in PostgreSQL until the line was in the file; one clock measures both.</summary>
static class Latency
{
    public static (TimeSpan P50, TimeSpan P99) Of(IReadOnlyList<Delivery> deliveries)
    {
        if (deliveries.Count == 0)
        {
            return default;
        }

        var sorted = deliveries.Select(delivery => delivery.SeenAt - delivery.CommittedAt).Order().ToArray();
        return (At(sorted, 0.50), At(sorted, 0.99));
    }

    static TimeSpan At(TimeSpan[] sorted, double share) => sorted[(int)Math.Min(sorted.Length - 1, sorted.Length * share)];
}
