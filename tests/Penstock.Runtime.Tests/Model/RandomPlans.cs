using FsCheck;
using FsCheck.Fluent;
using Penstock.Runtime.DeadLetters;
using Penstock.Runtime.Routing;

namespace Penstock.Runtime.Tests.Model;

static class RandomPlans
{
    static readonly Gen<SinkScope> Sinks =
        from lanes in Gen.Choose(1, 4)
        from later in Gen.Choose(1, 4)
        from isResumable in Gen.Elements(true, false)
        from ordering in Gen.Frequency((4, Gen.Constant(Ordering.Key)), (1, Gen.Constant(Ordering.None)), (1, Gen.Constant(Ordering.Source)))
        from batch in Gen.Choose(1, 5)
        from sameKey in Gen.Elements(SameKeyPolicy.Park, SameKeyPolicy.Continue)
        from poison in Gen.OneOf(Gen.Constant<List<int>>([]), Gen.Choose(1, 40).ListOf(3).Select(numbers => numbers.ToList()))
        select new SinkScope("", lanes)
        {
            LanesLater = later,
            IsResumable = isResumable,
            Ordering = ordering,
            BatchSize = batch,
            SameKey = sameKey,
            Poison = poison,
        };

    static readonly Gen<Scope> Scopes =
        from events in Gen.Choose(2, 60)
        from keys in Gen.Choose(0, 7).ListOf(events)
        from ends in Gen.Choose(0, 3).ListOf(events)
        from sinks in Gen.OneOf(Sinks.ListOf(1), Sinks.ListOf(2), Sinks.ListOf(3))
        from inFlight in Gen.Choose(2, 20)
        from hostCrashes in Gen.Choose(0, 8)
        from sourceCrashes in Gen.Choose(0, 4)
        from stops in Gen.Choose(0, 3)
        from laneChanges in Gen.Choose(0, 1)
        from failedSaves in Gen.Choose(0, 3)
        select new Scope
        {
            Keys = [.. keys],
            Transactions = Running(ends),
            Sinks = [.. sinks.Select((sink, i) => sink with { Name = $"s{i}" })],
            Readings = [1, 4],
            MaxInFlight = inFlight,
            HostCrashes = hostCrashes,
            SourceCrashes = sourceCrashes,
            Stops = stops,
            LaneChanges = laneChanges,
            FailedSaves = failedSaves,
            DiesWhileSaving = true,
        };

    public static Gen<RandomPlan> All { get; } =
        from scope in Scopes
        from length in Gen.Choose(20, 600)
        from choices in Gen.Choose(0, 1_000_000).ListOf(length)
        select new RandomPlan(scope, [.. choices]);

    public static Arbitrary<RandomPlan> Shrinking { get; } = Arb.From(All, plan => plan.Smaller());

    static List<int> Running(IEnumerable<int> ends)
    {
        var transaction = 0;
        return [.. ends.Select(end => transaction += end == 0 ? 1 : 0)];
    }
}
