namespace Penstock.EndToEnd.Tests.Chaos;

/// <summary>Where the sink's stream ended when a fault came, and what must not come again behind that.</summary>
sealed record Mark(int Length, Func<Delivered, bool> IsCovered)
{
    /// <summary>Duplicates that the last mark before them forbids.</summary>
    public static List<Delivered> Repeated(IReadOnlyList<Delivered> delivered, IReadOnlyList<Mark> marks)
    {
        var seen = new HashSet<string>();
        var findings = new List<Delivered>();
        var passed = 0;
        for (var i = 0; i < delivered.Count; i++)
        {
            while (passed < marks.Count && marks[passed].Length <= i)
            {
                passed++;
            }

            if (!seen.Add(delivered[i].EventId) && passed > 0 && marks[passed - 1].IsCovered(delivered[i]))
            {
                findings.Add(delivered[i]);
            }
        }

        return findings;
    }
}
