using Penstock.Benchmarks.Soak.Sampling;

namespace Penstock.Benchmarks.Soak.Rules;

/// <summary>What the samples of a soak must look like.</summary>
static class SoakRules
{
    static readonly (double, string) Megabytes = (1e6, "MB");

    static readonly SlopeRule[] OfHost =
    [
        new("rss_bytes", 8e6, 0.05, Megabytes),
        new("heap_bytes", 4e6, 0.1, Megabytes),
        new("fds", 2),
        new("tcp_connections", 1),
        new("redis_clients", 1),
        new("walsenders", 0.5),
        new("threads", 3),
        new("pool_threads", 3),
        new("pool_queue", 20),
        new("redis_bytes", 16e6, 0, Megabytes),
        new("table_bytes", 16e6, 0, Megabytes),
        new("cost_bytes_per_event", 0, 0.5),
        new("wal_retained_bytes", 16e6, 0, Megabytes),
    ];

    static readonly LevelRule[] Levels =
    [
        new("unhealthy_answers", 0),
        new("reconnects", 0),
        new("retries", 0),
        new("loss_windows", 0),
        new("dead_letters", 0),
        new("checkpoint_age_seconds", 10),
    ];

    public static IEnumerable<Finding> Judge(Series series, IEnumerable<(string Name, double Rate)> pipelines)
    {
        foreach (var (name, rate) in pipelines)
        {
            yield return new RateRule(name).Judge(series);

            // Events of five seconds; a tenth of a second's; a batch; some reads.
            yield return new LevelRule($"{name}_behind", 5 * rate).Judge(series);
            yield return new SlopeRule($"{name}_behind", Math.Max(1000, rate / 10)).Judge(series);
            yield return new SlopeRule($"{name}_lane_depth", 1000).Judge(series);
            yield return new SlopeRule($"{name}_in_flight", 2000).Judge(series);
        }

        foreach (var rule in OfHost.Where(rule => series.Has(rule.Column)))
        {
            yield return rule.Judge(series);
        }

        foreach (var rule in Levels)
        {
            yield return rule.Judge(series);
        }
    }
}
