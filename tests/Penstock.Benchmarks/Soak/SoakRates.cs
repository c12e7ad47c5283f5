using System.Diagnostics;

namespace Penstock.Benchmarks.Soak;

/// <summary>Finds the rates: what is given, else half of the most that goes through all pipelines together, writers, servers and judges beside them.</summary>
static class SoakRates
{
    const double Share = 0.5;
    const double WarmUpSeconds = 8;
    const double Seconds = 12;

    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    public static async Task<IReadOnlyDictionary<string, SoakRate>> ChooseAsync(SoakOptions options, SoakWork work)
    {
        if (work.Names.All(options.Rates.ContainsKey))
        {
            return work.Names.ToDictionary(name => name, name => new SoakRate(null, options.Rates[name]));
        }

        Console.WriteLine($"measuring the most that all pipelines do together, {WarmUpSeconds} s to warm up and {Seconds} s that count");
        work.OpenForMost();
        var before = await FollowAsync(work, WarmUpSeconds);
        var clock = Stopwatch.StartNew();
        var after = await FollowAsync(work, Seconds);
        var seconds = clock.Elapsed.TotalSeconds;
        return work.Names.ToDictionary(name => name, name =>
        {
            var most = (after[name] - before[name]) / seconds;
            return new SoakRate(most, options.Rates.TryGetValue(name, out var given) ? given : Math.Floor(most * Share));
        });
    }

    // How far the writers may go depends on figures of the host, so those must be fresh.
    static async Task<IReadOnlyDictionary<string, long>> FollowAsync(SoakWork work, double seconds)
    {
        var clock = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(Interval);
        while (clock.Elapsed.TotalSeconds < seconds && await timer.WaitForNextTickAsync())
        {
            work.ThrowIfFailed();
            await work.FollowAsync();
        }

        return work.Delivered();
    }
}
