namespace Penstock.Runtime.Tests.Model;

/// <summary>
/// Small scopes, each as large as a minute or so allows: a plain sink A and a sink T that stores positions, up to five events of three keys in three
/// transactions. What one leaves out another has; the random runs have all of it at once.
/// </summary>
static class Scopes
{
    static readonly SinkScope PlainOnOneLane = new("A", 1);
    static readonly SinkScope Resumable = new("T", 2) { IsResumable = true };

    /// <summary>The most events, and a host crash.</summary>
    public static Scope FiveEvents { get; } = new()
    {
        Transactions = [1, 1, 2, 3, 3],
        Keys = [0, 1, 0, 1, 2],
        Sinks = [PlainOnOneLane, Resumable],
        MaxInFlight = 2,
        HostCrashes = 1,
    };

    /// <summary>Two lanes on both sides.</summary>
    public static Scope TwoLanesEach { get; } = FiveEvents with
    {
        Transactions = [1, 1, 2, 3],
        Keys = [0, 1, 0, 1],
        Sinks = [PlainOnOneLane with { Lanes = 2, LanesLater = 2 }, Resumable],
        SourceCrashes = 1,
    };

    /// <summary>A host that dies twice, and a server that comes back with an older position.</summary>
    public static Scope TwoCrashes { get; } = TwoLanesEach with { Sinks = [PlainOnOneLane, Resumable], HostCrashes = 2 };

    /// <summary>An event that the plain sink never takes, and a later one of its key.</summary>
    public static Scope Poison { get; } = TwoLanesEach with { Sinks = [PlainOnOneLane with { Poison = [2] }, Resumable], SourceCrashes = 0 };

    /// <summary>Other lanes after a crash, and a crash amid the switch.</summary>
    public static Scope OtherLanes { get; } = FiveEvents with
    {
        Transactions = [1, 1, 2, 2],
        Keys = [0, 2, 1, 0],
        Sinks = [PlainOnOneLane, Resumable with { LanesLater = 3 }],
        HostCrashes = 2,
        LaneChanges = 1,
    };

    /// <summary>A clean stop, and a disk that is full for a moment.</summary>
    public static Scope Stops { get; } = TwoCrashes with { HostCrashes = 1, SourceCrashes = 0, Stops = 1, FailedSaves = 1 };

    /// <summary>For what is planted: room for three in flight, two lanes each, so that there is something to confuse.</summary>
    public static Scope Planted { get; } = FiveEvents with { Sinks = TwoLanesEach.Sinks, MaxInFlight = 3, HostCrashes = 2, SourceCrashes = 1 };

    public static Scope PlantedLetters { get; } = Planted with { Sinks = [TwoLanesEach.Sinks[0] with { Poison = [2] }, Resumable] };

    public static Scope Named(string name) => (Scope)typeof(Scopes).GetProperty(name)!.GetValue(null)!;
}
