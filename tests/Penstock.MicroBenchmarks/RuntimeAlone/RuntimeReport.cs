using System.Diagnostics;
using System.Runtime;
using System.Text.Json;

namespace Penstock.MicroBenchmarks.RuntimeAlone;

/// <summary>What all runs measured, for people and as one row of JSON.</summary>
sealed class RuntimeReport(RuntimeAloneOptions options, double creationNanoseconds, IReadOnlyList<RunFigures> runs)
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public Spread EventsPerSecond => Spread.Of(runs.Select(run => run.EventsPerSecond));

    public Spread CpuMicrosecondsPerEvent => Spread.Of(runs.Select(run => run.CpuMicrosecondsPerEvent));

    public Spread AllocatedBytesPerEvent => Spread.Of(runs.Select(run => run.AllocatedBytesPerEvent));

    public static string Collector =>
        $"{(GCSettings.IsServerGC ? "server" : "workstation")}{(GCSettings.LatencyMode == GCLatencyMode.Interactive ? ", concurrent" : "")}";

    public void Print(TextWriter output)
    {
        output.WriteLine($"{"",-24}{"min",14}{"median",14}{"max",14}");
        Line(output, "events/s", EventsPerSecond, "N0");
        Line(output, "CPU µs/event", CpuMicrosecondsPerEvent, "N3");
        Line(output, "allocated B/event", AllocatedBytesPerEvent, "N1");
        Line(output, "GC pauses, ms", Spread.Of(runs.Select(run => run.PauseMilliseconds)), "N1");
        Line(output, "gen0 collections", Spread.Of(runs.Select(run => (double)run.Gen0)), "N0");
        Line(output, "gen1 collections", Spread.Of(runs.Select(run => (double)run.Gen1)), "N0");
        Line(output, "gen2 collections", Spread.Of(runs.Select(run => (double)run.Gen2)), "N0");
        output.WriteLine($"creating the events alone: {creationNanoseconds:N1} ns/event, or {1e9 / creationNanoseconds:N0} events/s");
    }

    public string ToJson()
    {
        using var process = Process.GetCurrentProcess();
        return JsonSerializer.Serialize(
            new
            {
                benchmark = "runtime alone",
                options.Sinks,
                RuntimeRun.Lanes,
                EventFactory.Keys,
                options.Events,
                eventsPerSecond = EventsPerSecond,
                cpuMicrosecondsPerEvent = CpuMicrosecondsPerEvent,
                allocatedBytesPerEvent = AllocatedBytesPerEvent,
                creationNanosecondsPerEvent = creationNanoseconds,
                peakRssBytes = process.PeakWorkingSet64,
                collector = Collector,
                processors = Environment.ProcessorCount,
                runs,
            },
            Json);
    }

    static void Line(TextWriter output, string name, Spread spread, string format) => output.WriteLine(
        $"{name,-24}{spread.Min.ToString(format),14}{spread.Median.ToString(format),14}{spread.Max.ToString(format),14}");
}
