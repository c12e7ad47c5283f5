using Penstock.Runtime.Settlement;

namespace Penstock.Runtime;

/// <summary>One source of a pipeline and how to make it.</summary>
sealed record SourcePlan(string Name, Func<SourceContext, IChangeSource> Create)
{
    public int Readers { get; init; } = 1;

    public InFlightLimits InFlight { get; init; } = new();
}
