namespace Penstock.Runtime;

/// <summary>Capped exponential backoff with full jitter: each pause is random between zero and a ceiling that doubles.</summary>
/// <remarks>Full jitter keeps a hundred lanes that lost the same server from coming back in step.</remarks>
sealed class Backoff(RetryDelays delays, TimeProvider time, Random random)
{
    // Twice the longest int shift would overflow long before any ceiling does.
    const int MaxDoublings = 30;

    /// <summary>How many attempts have failed since the last success.</summary>
    public int Failures { get; private set; }

    public void Reset() => Failures = 0;

    public TimeSpan NextDelay()
    {
        var ceiling = Math.Min(delays.Max.Ticks, delays.Initial.Ticks * (double)(1L << Math.Min(Failures, MaxDoublings)));
        Failures++;
        return TimeSpan.FromTicks((long)(ceiling * random.NextDouble()));
    }

    public Task PauseAsync(TimeSpan delay, CancellationToken cancellationToken) => Task.Delay(delay, time, cancellationToken);
}
