namespace Penstock.Demo;

/// <summary>The judge: compares what was committed with what was delivered. It knows SQL and JSON, and nothing of the host.</summary>
sealed record Verdict(long Written, long Delivered, long Lost, long Duplicated, long OutOfOrder, long Unknown)
{
    public bool IsClean => Lost == 0 && Duplicated == 0 && OutOfOrder == 0 && Unknown == 0;

    public static Verdict Judge(IReadOnlyList<OrderChange> written, IReadOnlyList<Delivery> delivered)
    {
        var missing = written.ToHashSet();
        var seen = new HashSet<OrderChange>();
        var newest = new Dictionary<long, int>();
        long duplicated = 0, outOfOrder = 0, unknown = 0;
        foreach (var (_, change, _, _) in delivered)
        {
            if (!seen.Add(change))
            {
                duplicated++;
                continue;
            }

            if (!missing.Remove(change))
            {
                unknown++;
            }

            // A delete comes last and carries the version it removed: count it as the next one.
            var rank = change.Kind == "delete" ? change.Version + 1 : change.Version;
            if (rank <= newest.GetValueOrDefault(change.Order))
            {
                outOfOrder++;
            }

            newest[change.Order] = Math.Max(rank, newest.GetValueOrDefault(change.Order));
        }

        return new Verdict(written.Count, delivered.Count, missing.Count, duplicated, outOfOrder, unknown);
    }
}
