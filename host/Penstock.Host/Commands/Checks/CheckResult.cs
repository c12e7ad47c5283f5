namespace Penstock.Host.Commands;

/// <summary>What the check of one source or sink found.</summary>
/// <param name="Pipeline">Its pipeline.</param>
/// <param name="IsSource">Else it is a sink.</param>
/// <param name="Instance">Its name in the pipeline.</param>
/// <param name="Type">The plugin's name.</param>
/// <param name="Findings">In the plugin's order.</param>
sealed record CheckResult(string Pipeline, bool IsSource, string Instance, string Type, IReadOnlyList<CheckFinding> Findings)
{
    public bool HasProblem => Findings.Any(finding => finding.Level == CheckLevel.Problem);
}
