using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Penstock.Runtime.DeadLetters;
using Penstock.Runtime.Losses;
using Penstock.Runtime.Tests.Support;

namespace Penstock.Runtime.Tests.Diagnostics;

public sealed partial class InstrumentTests
{
    // Everything a label may say: names from the config, lane numbers, stages and causes. A key or a subject is not among them.
    static readonly HashSet<string> AllowedValues =
        ["p", "s", "sink", "0", "1", "queue", "write", "checkpoint", "acknowledge", .. Enum.GetValues<LossCause>().Select(LossJson.Name)];

    [Fact]
    public async Task The_documented_instruments_carry_their_documented_labels_and_no_others()
    {
        var measured = await MeasureAsync();
        var documented = Documented();

        Assert.Equal(documented.Keys.Order(), measured.Select(measurement => measurement.Name).Distinct().Order());
        foreach (var (name, _, labels) in measured)
        {
            Assert.All(labels, label => Assert.Contains(label.Key, documented[name]));
            Assert.All(labels, label => Assert.Contains($"{label.Value}", AllowedValues));
        }
    }

    [Fact]
    public async Task The_counters_agree_with_the_books()
    {
        var measured = await MeasureAsync();

        Assert.Equal(100, Sum("penstock_source_events_total"));
        Assert.Equal(99, Sum("penstock_sink_events_total"));
        Assert.Equal(1, Sum("penstock_dead_letters_total"));
        Assert.Equal(1, Sum("penstock_source_reconnects_total"));
        Assert.Equal(1, Sum("penstock_retries_total"));
        Assert.Equal(0, Sum("penstock_events_in_flight"));
        Assert.Equal(0, Sum("penstock_bytes_in_flight"));

        double Sum(string name) => measured.Where(measurement => measurement.Name == name).Sum(measurement => measurement.Value);
    }

    [Fact]
    public async Task Every_counter_of_a_run_begins_at_0_so_that_its_first_increment_can_be_seen()
    {
        using var rig = new Rig();
        using var probe = new MeterProbe(rig.Meter);
        rig.Sink = rig.Sink with { Lanes = 2 };
        await using var running = rig.Start();
        await Until.Holds(() => !running.Source.Resumed.IsEmpty);

        string[] ofSource = ["penstock_source_events_total", "penstock_source_reconnects_total"];
        string[] ofCause = ["penstock_loss_windows_total", "penstock_events_missed_total"];
        string[] ofLane = ["penstock_sink_events_total", "penstock_sink_batches_total", "penstock_retries_total", "penstock_dead_letters_total"];
        var expected = ofSource.Select(name => $"{name} pipeline=p source=s")
            .Concat(from name in ofCause from cause in Enum.GetValues<LossCause>() select $"{name} cause={LossJson.Name(cause)} pipeline=p source=s")
            .Concat(from name in ofLane from lane in (int[])[0, 1] select $"{name} lane={lane} pipeline=p sink=sink");
        var counters = probe.Measured.Where(measurement => measurement.Name.EndsWith("_total", StringComparison.Ordinal)).ToList();
        Assert.Equal(expected.Order(StringComparer.Ordinal), counters.Select(Series).Order(StringComparer.Ordinal));
        Assert.All(counters, counter => Assert.Equal(0, counter.Value));

        static string Series((string Name, double Value, KeyValuePair<string, object?>[] Labels) measurement) =>
            $"{measurement.Name} {string.Join(' ', measurement.Labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"))}";
    }

    static async Task<IReadOnlyCollection<(string Name, double Value, KeyValuePair<string, object?>[] Labels)>> MeasureAsync()
    {
        using var rig = new Rig();
        using var probe = new MeterProbe(rig.Meter);
        var failures = 0;
        rig.Sink = rig.Sink with { Lanes = 2, OnPoison = PoisonPolicy.DeadLetter, SameKey = SameKeyPolicy.Continue };
        rig.Store.RefuseAsPoison(7);
        var refuse = rig.Store.BeforeWrite!;
        rig.Store.BeforeWrite = (context, batch, token) =>
            Interlocked.Increment(ref failures) == 1 ? throw new IOException("once") : refuse(context, batch, token);
        var reads = 0;
        rig.MakeSource = () => new ScriptedSource(rig.Log) { BeforeYield = _ => _ = ++reads == 50 ? throw new IOException("once") : 0 };
        rig.Log.AppendChanges(1, 100, keys: 20)
            .Append(Entry.Loss(101, new LossWindow { Cause = LossCause.Disconnected, OpenedAt = DateTimeOffset.UnixEpoch, Missed = 1 })).Complete();
        await using var running = rig.Start();
        var source = new Lazy<SourceRunner>(() => running.Pipeline.Sources[0]);
        rig.Services.Instruments.Observe(
            () => [new Measurement<long>(source.Value.InFlight, Label("pipeline", "p"), Label("source", "s"))],
            () => [new Measurement<long>(source.Value.BytesInFlight, Label("pipeline", "p"), Label("source", "s"))],
            () => source.Value.LaneDepths().Select(depth =>
                new Measurement<long>(depth.Events, Label("pipeline", "p"), Label("sink", depth.Sink), Label("lane", depth.Lane))),
            () => [new Measurement<double>(source.Value.CheckpointAge.TotalSeconds, Label("pipeline", "p"), Label("source", "s"))]);
        await running.EndAsync();
        probe.ReadGauges();
        return probe.Measured;
    }

    static KeyValuePair<string, object?> Label(string name, object value) => new(name, value);

    // docs/metrics.md: one row per instrument, with its labels in the third column; those of plugins come after.
    static Dictionary<string, string[]> Documented([CallerFilePath] string thisFile = "") =>
        File.ReadLines(Path.Combine(Path.GetDirectoryName(thisFile)!, "../../../docs/metrics.md"))
            .TakeWhile(line => line != "## From plugins")
            .Select(line => Row().Match(line))
            .Where(row => row.Success)
            .ToDictionary(row => row.Groups[1].Value, row => row.Groups[2].Value.Split([", ", " or "], StringSplitOptions.None));

    [GeneratedRegex(@"^\| `(penstock_\w+)` \| [^|]+ \| ([^|]+) \|")]
    private static partial Regex Row();
}
