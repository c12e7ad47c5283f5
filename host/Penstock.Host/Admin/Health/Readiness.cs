using Penstock.Runtime.Diagnostics;

namespace Penstock.Host.Admin.Health;

/// <summary>A pipeline runs once every lane has opened its sink and every source has been connected.</summary>
static class Readiness
{
    public static IReadOnlyList<Awaited> Awaits(PipelineStatus status) =>
        status == PipelineStatus.None ? [new Awaited("the pipeline begins")]
        : status.ChangesLanes ? [new Awaited("the lanes change: what was written with those of before is read again first")]
        : [.. status.Steps.Select(Awaits).OfType<Awaited>()];

    static Awaited? Awaits(StepStatus step) => step switch
    {
        { HasWorked: true } => null,
        { Kind: StepKind.Write } => new Awaited(step.Reason ?? StepText.Endless(step)) { Sink = step.Part, Lane = step.Lane },
        { Kind: StepKind.Read, UnderWay: null, Reason: null } => new Awaited("reading begins when every sink is open") { Source = step.Part },
        { Kind: StepKind.Read } => new Awaited(step.Reason ?? StepText.Endless(step)) { Source = step.Part },
        _ => null,
    };
}
