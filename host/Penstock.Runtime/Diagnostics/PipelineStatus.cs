namespace Penstock.Runtime.Diagnostics;

/// <summary>How a pipeline stands now.</summary>
sealed record PipelineStatus(IReadOnlyList<SourceProgress> Sources, IReadOnlyList<StepStatus> Steps)
{
    /// <summary>Whether this is the run with the lanes of before, which ends when what they may have written is replayed.</summary>
    public bool ChangesLanes { get; init; }

    /// <summary>Of a pipeline that was not begun, or has not looked at its state yet.</summary>
    public static PipelineStatus None { get; } = new([], []);
}
