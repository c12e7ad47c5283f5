namespace Penstock.Runtime.Lanes;

/// <summary>When a batch is complete: by events, by bytes, or because its first event waited long enough.</summary>
sealed record BatchLimits
{
    public int MaxEvents { get; init; } = 1000;

    public long MaxBytes { get; init; } = 4 << 20;

    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMilliseconds(5);
}
