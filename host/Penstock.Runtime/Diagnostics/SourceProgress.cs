namespace Penstock.Runtime.Diagnostics;

/// <summary>How far a source is: the last sequence read, and the last below which everything is settled.</summary>
sealed record SourceProgress(string Source, long Read, long Settled)
{
    /// <summary>The lane that has the oldest event that is not settled; null when all are.</summary>
    public (string Sink, int Lane)? HeldBy { get; init; }
}
