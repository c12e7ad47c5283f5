namespace Penstock.Runtime.Tests.Model;

/// <summary>A run as data: how large, and which of the possible steps comes each time.</summary>
sealed record RandomPlan(Scope Scope, int[] Choices)
{
    // One step in so many comes from outside, if one can.
    const int Outside = 24;

    public static Step Choose(List<Step> steps, int choice)
    {
        var outside = steps.FindAll(step => step.IsFromOutside);
        var inside = steps.FindAll(step => !step.IsFromOutside);
        var from = outside.Count > 0 && (choice % Outside == 0 || inside.Count == 0) ? outside : inside;
        return from[choice / Outside % from.Count];
    }

    /// <summary>Smaller ones that may show the same.</summary>
    public IEnumerable<RandomPlan> Smaller()
    {
        for (var length = Choices.Length / 2; length > 0; length /= 2)
        {
            for (var from = 0; from + length <= Choices.Length; from += length)
            {
                yield return this with { Choices = [.. Choices[..from], .. Choices[(from + length)..]] };
            }
        }

        for (var sink = 0; Scope.Sinks.Count > 1 && sink < Scope.Sinks.Count; sink++)
        {
            yield return this with { Scope = Scope with { Sinks = [.. Scope.Sinks.Where((_, i) => i != sink)] } };
        }

        if (Scope.Events > 1)
        {
            yield return this with { Scope = Scope with { Keys = [.. Scope.Keys.SkipLast(1)], Transactions = [.. Scope.Transactions.SkipLast(1)] } };
        }
    }

    public override string ToString() =>
        $"transactions {string.Join(' ', Scope.Transactions)}; keys {string.Join(' ', Scope.Keys)}; {string.Join("; ", Scope.Sinks)}; {Scope.MaxInFlight} in flight; "
        + $"choices {string.Join(' ', Choices)}";
}
