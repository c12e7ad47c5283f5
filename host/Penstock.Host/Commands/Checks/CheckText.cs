namespace Penstock.Host.Commands;

/// <summary>Findings as a person reads them.</summary>
static class CheckText
{
    public static void Write(IReadOnlyList<CheckResult> results, TextWriter output)
    {
        foreach (var result in results)
        {
            output.WriteLine($"{result.Pipeline}/{result.Instance} ({result.Type})");
            foreach (var finding in result.Findings)
            {
                output.WriteLine($"  {NameOf(finding.Level),-8} {Printable.Of(finding.Text)}");
                if (finding.Remedy is { } remedy)
                {
                    output.WriteLine($"  {"",-8}   → {Printable.Of(remedy)}");
                }
            }

            if (result.Findings.Count == 0)
            {
                output.WriteLine("  nothing to check");
            }
        }

        output.WriteLine($"{Count(results, CheckLevel.Problem)} problem(s), {Count(results, CheckLevel.Warning)} warning(s)");
    }

    /// <summary>Facts as they are, and what is wrong with its name; for sources that tell something.</summary>
    public static void WriteFacts(IReadOnlyList<CheckResult> results, TextWriter output)
    {
        foreach (var result in results.Where(result => result.Findings.Count > 0))
        {
            output.WriteLine($"{result.Pipeline}/{result.Instance} at its server");
            foreach (var finding in result.Findings)
            {
                var name = finding.Level == CheckLevel.Fact ? "" : $"{NameOf(finding.Level)}: ";
                output.WriteLine($"  {name}{Printable.Of(finding.Text)}");
            }
        }
    }

    public static string NameOf(CheckLevel level) => level switch
    {
        CheckLevel.Fact => "ok",
        CheckLevel.Warning => "warning",
        _ => "problem",
    };

    static int Count(IReadOnlyList<CheckResult> results, CheckLevel level) =>
        results.Sum(result => result.Findings.Count(finding => finding.Level == level));
}
