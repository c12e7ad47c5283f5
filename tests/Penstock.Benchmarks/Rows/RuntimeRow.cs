using Penstock.Benchmarks.Hosting;

namespace Penstock.Benchmarks.Rows;

/// <summary>The runtime without a server, a wire format or a host; measured by the program for micro-benchmarks, where it is built.</summary>
sealed class RuntimeRow(int sinks, int bound) : BenchRow
{
    const string Project = "Penstock.MicroBenchmarks";

    public override string Name => $"runtime-{sinks}";

    public override string What => $"Runtime alone: fresh events, 100,000 keys, ordered, 4 lanes, checkpoints, {sinks} sink{(sinks == 1 ? "" : "s")}";

    public override IReadOnlyList<Target> Targets => [Target.Rate(bound), Target.Memory];

    static string Executable => Path.Combine(Distribution.BuildFolder(Project), "net10.0", Project);

    public static IEnumerable<BenchRow> Present() => File.Exists(Executable) ? [new RuntimeRow(1, 4_000_000), new RuntimeRow(2, 2_000_000)] : [];

    public override Task<IWork> PrepareAsync(BenchOptions options) => Task.FromResult<IWork>(new RuntimeWork(Executable, sinks, options.EventsOr(8_000_000)));
}
