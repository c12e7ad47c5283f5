namespace Penstock.Runtime;

/// <summary>What all pipelines of a host share.</summary>
sealed record RuntimeOptions(string StateDirectory)
{
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a stopping pipeline may take to deliver what it has read; with what follows it, below the 30 s that orchestrators wait.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(18);
}
