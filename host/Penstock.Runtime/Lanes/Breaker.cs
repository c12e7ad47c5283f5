namespace Penstock.Runtime.Lanes;

/// <summary>
/// One for all lanes of a sink. When its server is away, one lane tries again at its own pace and the others that failed wait for what it finds:
/// the server is not besieged, and all go on at once when it is back. A lane that works is never held.
/// </summary>
/// <remarks>A waiting lane still tries for itself now and then: what keeps the probing lane from its server may not concern the others.</remarks>
sealed class Breaker(RetryDelays delays, TimeProvider time)
{
    readonly Lock _lock = new();
    TaskCompletionSource? _closed;
    object? _prober;

    /// <summary>Waits before the next attempt of a lane that failed: its own pause if it is the one to try, else until another succeeded.</summary>
    public async Task PauseAsync(object lane, TimeSpan pause, CancellationToken cancellationToken)
    {
        Task closed;
        lock (_lock)
        {
            _closed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _prober ??= lane;
            closed = _closed.Task;
            pause = _prober == lane ? pause : delays.Max;
        }

        await closed.WaitAsync(pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>A lane that had failed has succeeded.</summary>
    public void Recovered()
    {
        TaskCompletionSource? closed;
        lock (_lock)
        {
            (closed, _closed, _prober) = (_closed, null, null);
        }

        closed?.TrySetResult();
    }
}
