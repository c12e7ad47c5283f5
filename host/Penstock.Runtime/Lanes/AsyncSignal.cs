namespace Penstock.Runtime.Lanes;

/// <summary>Wakes one waiter. Costs one exchange when nobody waits.</summary>
/// <remarks>The waiter calls <see cref="Next"/>, looks at its condition once more, and only then awaits: no wake-up is lost.</remarks>
sealed class AsyncSignal
{
    TaskCompletionSource? _waiter;

    public Task Next()
    {
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _waiter, waiter);
        return waiter.Task;
    }

    public void Set() => Interlocked.Exchange(ref _waiter, null)?.TrySetResult();

    /// <summary>Waits until the condition holds; it is looked at after every signal.</summary>
    public async ValueTask WaitUntilAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (!condition())
        {
            var next = Next();
            if (condition())
            {
                return;
            }

            await next.WaitAsync(cancellationToken);
        }
    }
}
