namespace Penstock;

/// <summary>Collects what a plugin finds at its server, for <c>penstock check</c>; no secrets.</summary>
/// <remarks>Report everything, not the first problem: the operator mends it in one go.</remarks>
public sealed class CheckReport
{
    readonly List<CheckFinding> _findings = [];

    /// <summary>What was found so far, in order.</summary>
    public IReadOnlyList<CheckFinding> Findings => _findings;

    /// <summary>Adds something that is good to know: a version, what is there.</summary>
    /// <param name="text">The fact.</param>
    public void Fact(string text) => _findings.Add(new CheckFinding(CheckLevel.Fact, text, remedy: null));

    /// <summary>Adds something that does not keep the pipeline from running, but can lose events or stop it later.</summary>
    /// <param name="text">What was found, and what it means.</param>
    /// <param name="remedy">What to do.</param>
    public void Warn(string text, string remedy) => _findings.Add(new CheckFinding(CheckLevel.Warning, text, remedy));

    /// <summary>Adds something without which the pipeline does not run as promised.</summary>
    /// <param name="text">What was expected, and what was found.</param>
    /// <param name="remedy">What to do.</param>
    public void Fail(string text, string remedy) => _findings.Add(new CheckFinding(CheckLevel.Problem, text, remedy));
}
