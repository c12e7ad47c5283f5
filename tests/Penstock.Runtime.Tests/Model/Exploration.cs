namespace Penstock.Runtime.Tests.Model;

/// <summary>What an exploration found.</summary>
/// <param name="States">Different states.</param>
/// <param name="Steps">Steps taken, those again and again included.</param>
/// <param name="Depth">The length of the longest way on which something was new.</param>
/// <param name="Complete">States in which everything is delivered, checkpointed and confirmed.</param>
/// <param name="Took">How long it took.</param>
/// <param name="Wrong">The first state that violates an invariant.</param>
sealed record Exploration(int States, long Steps, int Depth, long Complete, TimeSpan Took, Node? Wrong)
{
    public string? Violation => Wrong is null ? null : $"{Wrong.Violation!.Message}; after {string.Join(", ", Wrong.Way())}\n{Wrong.Violation.StackTrace}";

    public override string ToString() =>
        $"{States:N0} states, {Steps:N0} steps, {Depth} deep, {Complete} complete, {Took.TotalSeconds:F1} s{(Wrong is null ? "" : $", killed by {Wrong.Violation!.Invariant}")}";
}
