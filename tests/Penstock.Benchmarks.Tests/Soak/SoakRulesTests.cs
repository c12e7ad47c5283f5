using Penstock.Benchmarks.Soak.Rules;

namespace Penstock.Benchmarks.Tests.Soak;

/// <summary>Each rule of the soak fails on what it is there for, and on nothing else.</summary>
public sealed class SoakRulesTests
{
    const double Rate = 5000;

    [Fact]
    public void A_healthy_soak_passes_every_rule() => Assert.Empty(Failed());

    [Theory]
    [InlineData("rss_bytes", 0.3e6)]
    [InlineData("heap_bytes", 0.2e6)]
    [InlineData("fds", 0.2)]
    [InlineData("tcp_connections", 0.2)]
    [InlineData("redis_clients", 0.2)]
    [InlineData("walsenders", 0.2)]
    [InlineData("threads", 0.2)]
    [InlineData("pool_threads", 0.2)]
    [InlineData("pool_queue", 1)]
    [InlineData("redis_bytes", 1e6)]
    [InlineData("table_bytes", 1e6)]
    [InlineData("wal_retained_bytes", 1e6)]
    [InlineData("cost_bytes_per_event", 600)]
    [InlineData("a_behind", 100)]
    [InlineData("a_lane_depth", 50)]
    [InlineData("a_in_flight", 100)]
    public void A_rise_fails(string column, double perSample) => Assert.Equal([$"{column} does not rise"], Failed((column, (value, i) => value + (perSample * i))));

    [Theory]
    [InlineData("unhealthy_answers", 1)]
    [InlineData("reconnects", 1)]
    [InlineData("retries", 1)]
    [InlineData("loss_windows", 1)]
    [InlineData("dead_letters", 1)]
    [InlineData("checkpoint_age_seconds", 11)]
    [InlineData("a_behind", 26_000)]
    public void One_sample_too_high_fails(string column, double value) =>
        Assert.Equal([$"{column}, the most"], Failed((column, (usual, i) => i == 5 ? value : usual)));

    [Fact]
    public void Less_delivered_than_offered_fails() => Assert.Equal(["a: delivered per second"], Failed(("a_delivered", (value, _) => 0.98 * value)));

    static string[] Failed((string Column, Func<double, int, double> Change)? planted = null)
    {
        (string Column, Func<int, double> Value)[] healthy =
        [
            ("a_due", i => Rate * Samples.Interval * i), ("a_delivered", i => Rate * Samples.Interval * i),
            ("a_behind", i => 300 + (200 * Samples.Noise(i))), ("a_lane_depth", i => 200 + (150 * Samples.Noise(i))),
            ("a_in_flight", i => 250 + (150 * Samples.Noise(i))), ("cost_bytes_per_event", i => 9000 + (3000 * Samples.Noise(i))),
            ("rss_bytes", i => 150e6 + (3e6 * Samples.Noise(i))), ("heap_bytes", i => 12e6 + (2e6 * Samples.Noise(i))),
            ("fds", _ => 240), ("tcp_connections", _ => 9), ("redis_clients", _ => 11), ("walsenders", _ => 1),
            ("threads", i => 27 + (i % 2)), ("pool_threads", i => 13 + (i % 2)), ("pool_queue", i => i % 3),
            ("redis_bytes", i => 4e6 + (1e6 * Samples.Noise(i))), ("table_bytes", _ => 4e6), ("wal_retained_bytes", i => 2e5 + (1e5 * Samples.Noise(i))),
            ("unhealthy_answers", _ => 0), ("reconnects", _ => 0), ("retries", _ => 0), ("loss_windows", _ => 0), ("dead_letters", _ => 0),
            ("checkpoint_age_seconds", _ => 0.1),
        ];
        var series = Samples.Of([.. healthy.Select(column => planted is { } change && change.Column == column.Column
            ? (column.Column, i => change.Change(column.Value(i), i))
            : column)]);
        return [.. SoakRules.Judge(series, [("a", Rate)]).Where(finding => !finding.Holds).Select(finding => finding.Rule)];
    }
}
