namespace Penstock.Runtime.Diagnostics;

/// <summary>How a step stands now.</summary>
/// <param name="Kind">The step.</param>
/// <param name="Part">The source or the sink.</param>
/// <param name="Lane">Of a sink, its lane.</param>
sealed record StepStatus(StepKind Kind, string Part, int? Lane)
{
    /// <summary>How long the present attempt takes; null between attempts.</summary>
    public TimeSpan? UnderWay { get; init; }

    /// <summary>How long no attempt has succeeded; null when the last one did.</summary>
    public TimeSpan? Failing { get; init; }

    /// <summary>Why the last attempt failed.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether it ever succeeded.</summary>
    public bool HasWorked { get; init; }
}
