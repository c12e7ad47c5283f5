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

    /// <summary>The longest that the next pause can be.</summary>
    public TimeSpan Ceiling =>
        TimeSpan.FromTicks((long)Math.Min(delays.Max.Ticks, delays.Initial.Ticks * (double)(1L << Math.Min(Failures, MaxDoublings))));

    public TimeSpan NextDelay()
    {
        var delay = Ceiling * random.NextDouble();
        Failures++;
        return delay;
    }

    public Task PauseAsync(TimeSpan delay, CancellationToken cancellationToken) => Task.Delay(delay, time, cancellationToken);
}
