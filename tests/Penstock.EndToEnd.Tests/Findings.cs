namespace Penstock.EndToEnd.Tests;

/// <summary>The judge: what the stream lacks, has twice, or has in the wrong order, against what the database committed.</summary>
sealed record Findings(IReadOnlyList<(int Counter, int Value)> Lost, IReadOnlyList<Delivered> Duplicates, IReadOnlyList<Delivered> OutOfOrder)
{
    /// <summary>What was delivered and never committed.</summary>
    public IReadOnlyList<Delivered> Unknown { get; init; } = [];

    /// <param name="committed">How often each counter was raised.</param>
    /// <param name="delivered">What the sink holds, in its order.</param>
    public static Findings Of(IReadOnlyDictionary<int, int> committed, IReadOnlyList<Delivered> delivered) =>
        Of(committed.SelectMany(counter => Enumerable.Range(1, counter.Value).Select(value => (counter.Key, value))).ToHashSet(), delivered);

    /// <param name="committed">Every change.</param>
    /// <param name="delivered">What the sink holds, in its order.</param>
    public static Findings Of(IReadOnlySet<(int Counter, int Value)> committed, IReadOnlyList<Delivered> delivered)
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

        return new Findings([.. committed.Where(change => !values.Contains(change))], duplicates, outOfOrder)
        {
            Unknown = [.. delivered.Where(entry => !committed.Contains((entry.Counter, entry.Value)))],
        };
    }
}
