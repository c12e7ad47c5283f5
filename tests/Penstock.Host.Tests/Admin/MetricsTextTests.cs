using System.Buffers;
using System.Diagnostics.Metrics;
using System.Text;
using Penstock.Host.Admin.Metrics;

namespace Penstock.Host.Tests.Admin;

/// <summary>What is measured is what a scraper reads.</summary>
public sealed class MetricsTextTests : IDisposable
{
    readonly Meter _meter = new("Penstock");
    readonly LogLines _log = new();
    readonly MetricsRegistry _registry;

    public MetricsTextTests() => _registry = new MetricsRegistry(_meter, _log);

    public void Dispose()
    {
        _registry.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void Counters_add_up_by_labels_in_whatever_order_they_come()
    {
        var events = _meter.CreateCounter<long>("events_total", description: "Events.");

        events.Add(2, new("pipeline", "p"), new("lane", 1));
        events.Add(3, new("lane", 1), new("pipeline", "p"));
        events.Add(4, new("pipeline", "p"), new("lane", 2));
        events.Add(1);

        Assert.Equal(
            """
            # HELP events_total Events.
            # TYPE events_total counter
            events_total 1
            events_total{lane="1",pipeline="p"} 5
            events_total{lane="2",pipeline="p"} 4

            """,
            Text());
    }

    [Fact]
    public void A_histogram_has_cumulative_buckets_that_include_their_bound_and_end_at_the_count()
    {
        var latency = _meter.CreateHistogram<double>("latency_seconds", "s", "Latency.");

        foreach (var seconds in (double[])[0.00005, 0.001, 0.0011, 61, -1, double.NaN])
        {
            latency.Record(seconds, new KeyValuePair<string, object?>("sink", "t"));
        }

        var lines = Text().Split('\n');
        Assert.Equal("# TYPE latency_seconds histogram", lines[1]);
        Assert.Equal(2 + 19 + 2 + 1, lines.Length);
        Assert.Equal("latency_seconds_bucket{sink=\"t\",le=\"0.0001\"} 2", lines[2]);
        Assert.Contains("latency_seconds_bucket{sink=\"t\",le=\"0.001\"} 3", lines);
        Assert.Contains("latency_seconds_bucket{sink=\"t\",le=\"0.0025\"} 4", lines);
        Assert.Contains("latency_seconds_bucket{sink=\"t\",le=\"60\"} 4", lines);
        Assert.Contains("latency_seconds_bucket{sink=\"t\",le=\"+Inf\"} 5", lines);
        Assert.Contains("latency_seconds_sum{sink=\"t\"} 61.00215", lines);
        Assert.Contains("latency_seconds_count{sink=\"t\"} 5", lines);
    }

    [Fact]
    public void Gauges_that_are_asked_show_what_is_reported_now_and_forget_the_rest()
    {
        List<Measurement<long>> now = [new(1, new KeyValuePair<string, object?>("source", "a")), new(2, new KeyValuePair<string, object?>("source", "b"))];
        _meter.CreateObservableGauge("depth", () => now);
        // Another instance of a plugin makes one of the same name.
        _meter.CreateObservableGauge("depth", () => new Measurement<long>(3, new KeyValuePair<string, object?>("source", "c")));
        Assert.Contains("depth{source=\"b\"} 2\ndepth{source=\"c\"} 3\n", Text(), StringComparison.Ordinal);

        now.RemoveAt(1);

        Assert.Equal("# HELP depth \n# TYPE depth gauge\ndepth{source=\"a\"} 1\ndepth{source=\"c\"} 3\n", Text());
    }

    [Fact]
    public void What_the_format_gives_a_meaning_is_escaped()
    {
        var odd = _meter.CreateGauge<double>("my.odd-gauge", description: "a \\ \"quoted\"\nline");

        odd.Record(double.PositiveInfinity, new KeyValuePair<string, object?>("na me", "a\\b\"c\nd"));

        Assert.Equal(
            "# HELP my_odd_gauge a \\\\ \"quoted\"\\nline\n# TYPE my_odd_gauge gauge\nmy_odd_gauge{na_me=\"a\\\\b\\\"c\\nd\"} +Inf\n",
            Text());
    }

    [Fact]
    public void A_name_has_one_type_and_another_meter_is_none_of_the_hosts()
    {
        using var foreign = new Meter("Penstock");
        var counter = _meter.CreateCounter<int>("x");
        var histogram = _meter.CreateHistogram<double>("x");

        counter.Add(1);
        histogram.Record(1);
        foreign.CreateCounter<long>("y").Add(1);

        Assert.Equal("# HELP x \n# TYPE x counter\nx 1\n", Text());
    }

    [Fact]
    public void A_gauge_that_throws_is_left_out_and_told_once()
    {
        var broken = true;
        _meter.CreateObservableGauge("before", () => 1);
        _meter.CreateObservableGauge<long>("broken", () => broken ? throw new InvalidOperationException("no figure") : 2);
        _meter.CreateObservableGauge("later", () => 3);

        const string Whole = "# HELP before \n# TYPE before gauge\nbefore 1\n# HELP later \n# TYPE later gauge\nlater 3\n";
        Assert.Equal(Whole, Text());
        Assert.Equal(Whole, Text());
        Assert.Contains("no figure", Assert.Single(_log.Lines), StringComparison.Ordinal);

        broken = false;
        Assert.Contains("broken 2\n", Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_gauge_whose_message_differs_each_time_does_not_fill_the_log()
    {
        var asked = 0;
        _meter.CreateObservableGauge("broken", (Func<long>)(() => throw new InvalidOperationException($"the {++asked}. time")));

        for (var i = 0; i < 100; i++)
        {
            Text();
        }

        Assert.Equal((100, 16), (asked, _log.Lines.Count));
    }

    [Fact]
    public void Every_kind_and_every_number_of_the_platform_is_there()
    {
        var depth = _meter.CreateUpDownCounter<long>("a_depth");
        _meter.CreateObservableUpDownCounter("b_depth", () => (short)-2);
        depth.Add(5);
        depth.Add(-2);
        _meter.CreateCounter<byte>("c_total").Add(3);
        _meter.CreateCounter<short>("d_total").Add(4);
        _meter.CreateCounter<int>("e_total").Add(5);
        _meter.CreateCounter<decimal>("f_total").Add(6.5m);
        _meter.CreateGauge<float>("g").Record(0.5f);
        // None of the platform's: left out, and no harm to who makes it.
        _ = new Odd(_meter);

        Assert.Equal(
            ["a_depth gauge", "b_depth gauge", "c_total counter", "d_total counter", "e_total counter", "f_total counter", "g gauge"],
            Text().Split('\n').Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line[7..]));
        Assert.Equal(
            ["a_depth 3", "b_depth -2", "c_total 3", "d_total 4", "e_total 5", "f_total 6.5", "g 0.5"],
            Text().Split('\n').Where(line => line.Length > 0 && line[0] != '#'));
    }

    [Fact]
    public async Task Many_threads_lose_no_count()
    {
        var events = _meter.CreateCounter<long>("events_total");
        var latency = _meter.CreateHistogram<double>("latency_seconds");

        await Task.WhenAll(Enumerable.Range(0, 8).Select(lane => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                events.Add(1, new("lane", lane % 4), new("pipeline", "p"));
                latency.Record(0.5);
            }
        })));

        var lines = Text().Split('\n');
        Assert.All(Enumerable.Range(0, 4), lane => Assert.Contains($"events_total{{lane=\"{lane}\",pipeline=\"p\"}} 40000", lines));
        Assert.Contains("latency_seconds_count 160000", lines);
        Assert.Contains("latency_seconds_sum 80000", lines);
    }

    [Fact]
    public void A_record_of_known_labels_allocates_nothing()
    {
        var latency = _meter.CreateHistogram<double>("latency_seconds");
        var labels = new System.Diagnostics.TagList { { "pipeline", "p" }, { "sink", "t" }, { "lane", 3 } };
        latency.Record(1, labels);
        // The first ones may still be compiled.
        for (var i = 0; i < 1000; i++)
        {
            latency.Record(1, labels);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            latency.Record(1, labels);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
    }

    string Text()
    {
        var text = new ArrayBufferWriter<byte>();
        _registry.Write(new MetricsText(text));
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    sealed class Odd : Instrument
    {
        public Odd(Meter meter) : base(meter, "odd", null, null) => Publish();
    }
}
