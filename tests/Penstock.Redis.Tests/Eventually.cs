using System.Diagnostics;

namespace Penstock.Redis.Tests;

/// <summary>Waits for a condition, never for a fixed time.</summary>
static class Eventually
{
    static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    public static async Task HoldsAsync(Func<Task<bool>> condition, string what)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(watch.Elapsed < Deadline, $"Not within {Deadline.TotalSeconds} s: {what}");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
