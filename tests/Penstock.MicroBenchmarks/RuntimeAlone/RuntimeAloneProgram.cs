using System.Diagnostics;

namespace Penstock.MicroBenchmarks.RuntimeAlone;

/// <summary>The runtime without a server, a wire format or a format to write: what remains is ours.</summary>
static class RuntimeAloneProgram
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (!RuntimeAloneOptions.TryParse(arguments, out var options, out var problem))
        {
            await Console.Error.WriteLineAsync($"{problem} Usage: {RuntimeAloneOptions.Usage}");
            return 2;
        }

        // Beside the program, since many systems keep their temporary files in memory: the checkpoints' fsync shall be one.
        var state = Path.Combine(AppContext.BaseDirectory, $"state-{Environment.ProcessId}");
        try
        {
            await MeasureAsync(options, Directory.CreateDirectory(state).FullName);
            return 0;
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }
    }

    static async Task MeasureAsync(RuntimeAloneOptions options, string state)
    {
        Console.WriteLine(
            $"{options.Sinks} sink(s) of {RuntimeRun.Lanes} lanes, {EventFactory.Keys:N0} keys, {options.Events:N0} events per run, "
            + $"state on {new DriveInfo(state).DriveFormat}, GC {RuntimeReport.Collector}, {Environment.ProcessorCount} processors");
        var factory = new EventFactory();
        var run = new RuntimeRun(factory, options.Sinks, state);
        await run.VerifyAsync(Math.Min(options.Events, 10 * EventFactory.Keys));
        Console.WriteLine("verified: the order of every key, every event once, the books");
        Line("warm-up", await run.MeasureAsync(options.Events));
        var runs = new List<RunFigures>();
        while (runs.Count < options.Runs)
        {
            runs.Add(await run.MeasureAsync(options.Events));
            Line($"run {runs.Count}", runs[^1]);
        }

        var report = new RuntimeReport(options, CreateOnly(factory, options.Events), runs);
        report.Print(Console.Out);
        if (options.Json)
        {
            Console.WriteLine(report.ToJson());
        }
    }

    static void Line(string name, RunFigures figures) => Console.WriteLine(
        $"{name}: {figures.EventsPerSecond:N0} events/s, {figures.CpuMicrosecondsPerEvent:N3} µs CPU and {figures.AllocatedBytesPerEvent:N1} B per event");

    // What the events themselves cost, by the same code: the rest is the runtime's.
    static double CreateOnly(EventFactory factory, long count)
    {
        var took = TimeSpan.MaxValue;
        for (var round = 0; round < 3; round++)
        {
            var source = new FreshSource(factory, count);
            var began = Stopwatch.GetTimestamp();
            while (source.MoveNext())
            {
                GC.KeepAlive(source.Current);
            }

            took = TimeSpan.FromTicks(Math.Min(took.Ticks, Stopwatch.GetElapsedTime(began).Ticks));
        }

        return took.TotalNanoseconds / count;
    }
}
