namespace Penstock.Runtime.Tests.Model;

/// <summary>A state that was reached: from which other, by which step, and what may come next.</summary>
/// <param name="From">The state before; null for the first.</param>
/// <param name="By">The step.</param>
/// <param name="Start">The world when the host that is running began.</param>
/// <param name="Next">What may come next.</param>
sealed record Node(Node? From, Step By, World Start, Step[] Next)
{
    /// <summary>Whether the host began after the replay with the lanes of before.</summary>
    public bool IsReplayed { get; init; }

    public Violation? Violation { get; init; }

    /// <summary>The steps of the host that is running.</summary>
    public Step[] SinceStart()
    {
        var steps = new Stack<Step>();
        for (var node = this; node.From is not null && !node.By.EndsHost; node = node.From)
        {
            steps.Push(node.By);
        }

        return [.. steps];
    }

    /// <summary>All steps from the beginning.</summary>
    public IEnumerable<Step> Way()
    {
        var steps = new Stack<Step>();
        for (var node = this; node.From is not null; node = node.From)
        {
            steps.Push(node.By);
        }

        return steps;
    }
}
