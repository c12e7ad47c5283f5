using Penstock.Runtime.Diagnostics;

namespace Penstock.Host.Admin.Health;

/// <summary>What a step means to an operator.</summary>
static class StepText
{
    public static Cause CauseOf(StepStatus step) => step.Kind switch
    {
        StepKind.Read or StepKind.Acknowledge => Cause.Source,
        StepKind.Write => Cause.Sink,
        _ => Cause.Store,
    };

    public static bool IsOfSource(StepStatus step) => step.Lane is null;

    /// <summary>Of a step that was begun and does not end.</summary>
    public static string Endless(StepStatus step) => step.Kind switch
    {
        StepKind.Read => "the source is connecting",
        StepKind.Acknowledge => "the source has not come back from an acknowledgement",
        StepKind.Write => step.HasWorked ? "the sink has not come back from a write" : "the sink is being opened",
        _ => "the disk has not come back from a write",
    };
}
