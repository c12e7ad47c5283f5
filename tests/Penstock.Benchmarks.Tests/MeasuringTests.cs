using Penstock.Benchmarks.Measuring;

namespace Penstock.Benchmarks.Tests;

/// <summary>The arithmetic that every figure goes through.</summary>
public sealed class MeasuringTests
{
    const string Metrics =
        """
        # HELP penstock_sink_events_total Events.
        # TYPE penstock_sink_events_total counter
        penstock_sink_events_total{pipeline="a",sink="out",lane="0"} 40
        penstock_sink_events_total{pipeline="a",sink="out",lane="1"} 2 1795240243355
        penstock_sink_events_total_created{pipeline="a"} 7
        process_cpu_seconds_total 1.5e1
        """;

    [Fact]
    public void Values_of_all_labels_are_summed() => Assert.Equal(42, PrometheusText.Sum(Metrics, "penstock_sink_events_total"));

    [Fact]
    public void A_value_without_labels_is_read() => Assert.Equal(15, PrometheusText.Sum(Metrics, "process_cpu_seconds_total"));

    [Fact]
    public void A_metric_that_is_not_there_is_no_zero() => Assert.Null(PrometheusText.Sum(Metrics, "penstock_retries_total"));

    [Theory]
    [InlineData("3,1,2", 1, 2, 3)]
    [InlineData("4,1,2,3", 1, 2.5, 4)]
    [InlineData("7", 7, 7, 7)]
    public void The_median_lies_in_the_middle(string values, double min, double median, double max) =>
        Assert.Equal(new Spread(min, median, max), Spread.Of(values.Split(',').Select(value => (double?)double.Parse(value))));

    [Fact]
    public void Nothing_has_no_spread() => Assert.Null(Spread.Of([null]));

    [Fact]
    public void A_percentile_is_a_value_that_was_measured()
    {
        var latency = LatencySummary.Of([.. Enumerable.Range(1, 1000).Select(value => (double)value).Reverse()]);
        Assert.Equal(new LatencySummary(1000, 500, 900, 990, 999, 1000), latency);
    }

    [Fact]
    public void The_CPU_time_of_this_process_rises_with_work()
    {
        var before = ProcessFacts.CpuSeconds(Environment.ProcessId);
        var work = 0;
        while (ProcessFacts.CpuSeconds(Environment.ProcessId) < before + 0.05)
        {
            work++;
        }

        Assert.NotEqual(0, work);
        Assert.InRange(ProcessFacts.PeakResidentBytes(Environment.ProcessId), 1_000_000, 10_000_000_000);
    }
}
