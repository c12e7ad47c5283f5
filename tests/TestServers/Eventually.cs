using System.Diagnostics;

namespace Penstock.TestServers;

/// <summary>Waits for a condition by looking at it again and again; the only place in the tests that lets time pass.</summary>
public static class Eventually
{
    /// <summary>How long a condition may take unless a test says otherwise.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    /// <summary>A short pause between two attempts, for tests that play the host's part.</summary>
    public static Task BackOffAsync() => Task.Delay(Interval);

    /// <exception cref="TimeoutException">The condition did not come true in time.</exception>
    public static Task HoldsAsync(Func<bool> condition, string what, TimeSpan? patience = null) =>
        HoldsAsync(() => Task.FromResult(condition()), what, patience);

    /// <inheritdoc cref="HoldsAsync(Func{bool}, string, TimeSpan?)"/>
    public static async Task HoldsAsync(Func<Task<bool>> condition, string what, TimeSpan? patience = null)
    {
        var limit = patience ?? Patience;
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (clock.Elapsed > limit)
            {
                throw new TimeoutException($"after {limit.TotalSeconds} s it is still not so that {what}");
            }

            await Task.Delay(Interval);
        }
    }
}
