namespace Penstock.Runtime;

/// <summary>The first and the longest pause between attempts.</summary>
sealed record RetryDelays
{
    public TimeSpan Initial { get; init; } = TimeSpan.FromMilliseconds(100);

    public TimeSpan Max { get; init; } = TimeSpan.FromSeconds(30);
}
