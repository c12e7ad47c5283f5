namespace Penstock.EndToEnd.Tests.Chaos;

/// <summary>Keeps the rows in <c>artifacts/chaos.md</c> (<c>chaos-short.md</c> in the test run) as they come, so that a failure still shows the others.</summary>
static class Report
{
    static readonly List<Row> Rows = [];
    static readonly string Path = System.IO.Path.Combine(Distribution.Root, "artifacts", Width.IsFull ? "chaos.md" : "chaos-short.md");
    static string s_planted = "";

    /// <summary>What the judge saw of the planted mistakes, before anything else.</summary>
    public static void Planted(IReadOnlyDictionary<string, int> seen)
    {
        s_planted = $"Planted in a recorded run, and what the judge found: {string.Join(", ", seen.Select(each => $"{each.Key} {each.Value}"))}.\n";
        Write();
    }

    public static void Add(Row row)
    {
        Rows.Add(row);
        Write();
    }

    // A busy machine recovers slowly: whoever reads the times should know.
    static string Machine() => $"{Environment.ProcessorCount} processors, load average {File.ReadAllText("/proc/loadavg").Split(' ')[0]} at the end.\n";

    static void Write() => File.WriteAllLines(Path, [Machine(), s_planted, Row.Header, .. Rows.Select(row => row.ToString())]);
}
