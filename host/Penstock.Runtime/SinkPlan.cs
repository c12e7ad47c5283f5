using Penstock.Runtime.DeadLetters;
using Penstock.Runtime.Lanes;
using Penstock.Runtime.Routing;

namespace Penstock.Runtime;

/// <summary>One sink of a pipeline, how to make it for a lane, and how its lanes work.</summary>
sealed record SinkPlan(string Name, Func<SinkContext, ISink> Create)
{
    public int Lanes { get; init; } = 1;

    public Ordering Ordering { get; init; } = Ordering.Key;

    public BatchLimits Batch { get; init; } = new();

    public RetryDelays Retry { get; init; } = new();

    public PoisonPolicy OnPoison { get; init; } = PoisonPolicy.Halt;

    public SameKeyPolicy SameKey { get; init; } = SameKeyPolicy.Park;

    /// <summary>Whether later events of a key are delivered past a dead letter of that key.</summary>
    public bool PassesDeadLetters => OnPoison == PoisonPolicy.DeadLetter && SameKey == SameKeyPolicy.Continue;

    /// <summary>Whether the sink is an <see cref="IResumableSink"/>.</summary>
    public bool StoresPositions { get; init; }

    /// <summary>Whether a position that a lane no longer tells of is lost data, and not data that was moved away.</summary>
    public bool MissingPositionIsLoss { get; init; }

    public LaneLayout Layout => new(Lanes, Ordering);

    public SinkPlan With(LaneLayout layout) => this with { Lanes = layout.Lanes, Ordering = layout.Ordering };
}
