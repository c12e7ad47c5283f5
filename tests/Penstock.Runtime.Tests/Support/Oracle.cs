namespace Penstock.Runtime.Tests.Support;

/// <summary>Judges what a sink got against what the log holds. Its own tests prove that it sees each kind of mistake.</summary>
static class Oracle
{
    public static IEnumerable<ulong> Lost(SinkStore store, int last)
    {
        var seen = store.Numbers.ToHashSet();
        return Enumerable.Range(1, last).Select(number => (ulong)number).Where(number => !seen.Contains(number));
    }

    public static IEnumerable<ulong> Repeated(SinkStore store) =>
        store.Numbers.GroupBy(number => number).Where(group => group.Count() > 1).Select(group => group.Key);

    /// <summary>Numbers that came, for the first time, after a later one of the same key.</summary>
    public static IEnumerable<ulong> OutOfOrder(SinkStore store)
    {
        var seen = new HashSet<ulong>();
        var newest = new Dictionary<string, ulong>();
        foreach (var delivered in store.Events.Where(delivered => seen.Add(delivered.Number)))
        {
            if (delivered.Number < newest.GetValueOrDefault(delivered.Key))
            {
                yield return delivered.Number;
            }

            newest[delivered.Key] = Math.Max(delivered.Number, newest.GetValueOrDefault(delivered.Key));
        }
    }

    public static void AssertComplete(SinkStore store, int last)
    {
        Assert.Empty(Lost(store, last));
        Assert.Empty(OutOfOrder(store));
    }

    public static void AssertEachOnce(SinkStore store, int last)
    {
        Assert.Empty(Lost(store, last));
        Assert.Empty(Repeated(store));
    }

    public static void AssertExact(SinkStore store, int last)
    {
        AssertComplete(store, last);
        Assert.Empty(Repeated(store));
    }
}
