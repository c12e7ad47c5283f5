using System.Diagnostics;

namespace Penstock.PostgresWal.Tests;

static class Eventually
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Polls until the condition holds; fails when it does not within the deadline.</summary>
    public static async Task HoldsAsync(Func<Task<bool>> condition, string expectation)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(watch.Elapsed < Deadline, $"Not within {Deadline}: {expectation}");
            await Task.Delay(Pause, TestContext.Current.CancellationToken);
        }
    }
}
