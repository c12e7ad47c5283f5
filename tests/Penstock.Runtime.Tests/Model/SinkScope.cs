using Penstock.Runtime.DeadLetters;
using Penstock.Runtime.Routing;

namespace Penstock.Runtime.Tests.Model;

/// <summary>One sink of a model.</summary>
sealed record SinkScope(string Name, int Lanes)
{
    /// <summary>Whether it stores positions with its data.</summary>
    public bool IsResumable { get; init; }

    /// <summary>How many lanes somebody configures it to have later.</summary>
    public int LanesLater { get; init; } = Lanes;

    public Ordering Ordering { get; init; } = Ordering.Key;

    public int BatchSize { get; init; } = 1;

    /// <summary>The numbers of the events that it refuses for ever.</summary>
    public IReadOnlyList<int> Poison { get; init; } = [];

    public SameKeyPolicy SameKey { get; init; } = SameKeyPolicy.Park;

    public int MaxLanes => Math.Max(Lanes, LanesLater);

    public LaneLayout Layout(bool later) => new(later ? LanesLater : Lanes, Ordering);

    public override string ToString() =>
        $"{Name} with {Lanes} lanes, later {LanesLater}, {(IsResumable ? "resumable, " : "")}{Ordering}, batches of {BatchSize}, poison [{string.Join(' ', Poison)}], {SameKey}";
}
