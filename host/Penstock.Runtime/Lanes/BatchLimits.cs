namespace Penstock.Runtime.Lanes;

/// <summary>When a batch is complete: by events, by bytes, or because its first event waited long enough.</summary>
sealed record BatchLimits
{
    public int MaxEvents { get; init; } = 1000;

    public long MaxBytes { get; init; } = 4 << 20;

    /// <summary>
    /// Whether a batch ends only between transactions: the number of events and the delay yield, the bytes do not, so a transaction that does not fit them is
    /// cut. For events in source order, from one source.
    /// </summary>
    public bool WholeTransactions { get; init; }

    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMilliseconds(5);
}
