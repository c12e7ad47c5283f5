namespace Penstock.Runtime.Tests.Model;

/// <summary>One thing that happens next, as data: a run is a list of them.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Sink">In which sink, for a lane's step.</param>
/// <param name="Lane">In which lane.</param>
/// <param name="Count">For a reading: how many messages.</param>
readonly record struct Step(StepKind Kind, byte Sink = 0, byte Lane = 0, byte Count = 0)
{
    /// <summary>Whether the host that is running is gone after it.</summary>
    public bool EndsHost => Kind is StepKind.HostCrash or StepKind.HostCrashAndOtherLanes or StepKind.CrashWhileSaving or StepKind.Finish;

    /// <summary>Whether it comes from outside: a system that moves only by these is stuck.</summary>
    public bool IsFromOutside =>
        Kind is StepKind.HostCrash or StepKind.HostCrashAndOtherLanes or StepKind.CrashWhileSaving or StepKind.SourceCrash or StepKind.Stop or StepKind.SaveFails;

    public override string ToString() => Kind switch
    {
        StepKind.Read => $"read {Count}",
        StepKind.Write or StepKind.Settle => $"{Kind} {Sink}/{Lane}",
        StepKind.CrashWhileSaving => $"crash at step {Count} of a save",
        _ => Kind.ToString(),
    };
}
