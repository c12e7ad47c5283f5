using System.Text.Json;
using Penstock.Benchmarks.Measuring;
using Penstock.Benchmarks.Yardsticks;

namespace Penstock.Benchmarks.Rows;

/// <summary>One process per run, so that rows and yardsticks of this kind take turns like all others.</summary>
sealed class RuntimeWork(string executable, int sinks, long events) : IWork
{
    double _creationNanoseconds;

    /// <summary>What making the same events costs, on one core: the runtime's share is the rest.</summary>
    public IReadOnlyList<Func<long, Task<Sample>>> Yardsticks =>
        [_ => Task.FromResult(new Sample { Subject = "making the events alone", Events = events, Seconds = _creationNanoseconds * events / 1e9 })];

    public bool WarmsUpItself => true;

    public async Task<Sample> RunHostAsync(long planted)
    {
        var run = await ClientProgram.RunAsync(executable, ["--runtime", "--sinks", $"{sinks}", "--events", $"{events}", "--runs", "1", "--json"], new ServerCpu());
        using var json = JsonDocument.Parse(run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);
        var result = json.RootElement;
        var measured = result.GetProperty("events").GetInt64();
        if (measured != events + planted)
        {
            throw new MeasurementException($"the runtime settled {measured} events, expected {events + planted}");
        }

        _creationNanoseconds = result.GetProperty("creationNanosecondsPerEvent").GetDouble();
        return new Sample
        {
            Subject = "penstock",
            Events = events,
            Seconds = events / Median("eventsPerSecond"),
            ClientCpuMicroseconds = Median("cpuMicrosecondsPerEvent"),
            AllocatedBytesPerEvent = Median("allocatedBytesPerEvent"),
            PeakResidentBytes = result.GetProperty("peakRssBytes").GetInt64(),
        };

        double Median(string figure) => result.GetProperty(figure).GetProperty("median").GetDouble();
    }

    public ValueTask DisposeAsync() => default;
}
