namespace Penstock.Runtime.Settlement;

/// <summary>The most of one source that may be read and not settled in every sink: what a crash repeats, and what a stuck sink keeps in memory.</summary>
sealed record InFlightLimits
{
    public long MaxEvents { get; init; } = 32_768;

    /// <summary>Of event data; an event counts once for every sink that holds it.</summary>
    public long MaxBytes { get; init; } = 64 << 20;
}
