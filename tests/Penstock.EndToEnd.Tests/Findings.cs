namespace Penstock.EndToEnd.Tests;

/// <summary>The judge: what the stream lacks, has twice, or has in the wrong order, against what the database committed.</summary>
sealed record Findings(IReadOnlyList<(int Counter, int Value)> Lost, IReadOnlyList<Delivered> Duplicates, IReadOnlyList<Delivered> OutOfOrder)
{
    public static Findings Of(IReadOnlyDictionary<int, int> committed, IReadOnlyList<Delivered> delivered)
    {
        var seen = new HashSet<string>();
        var newest = new Dictionary<int, int>();
        var values = new HashSet<(int, int)>();
        List<Delivered> duplicates = [], outOfOrder = [];
        foreach (var entry in delivered)
        {
            if (!seen.Add(entry.EventId))
            {
                duplicates.Add(entry);
                continue;
            }

            values.Add((entry.Counter, entry.Value));
            if (entry.Value <= newest.GetValueOrDefault(entry.Counter))
            {
                outOfOrder.Add(entry);
            }

            newest[entry.Counter] = entry.Value;
        }

        var lost = committed
            .SelectMany(counter => Enumerable.Range(1, counter.Value).Select(value => (counter.Key, value)))
            .Where(change => !values.Contains(change))
            .ToList();
        return new Findings(lost, duplicates, outOfOrder);
    }
}
