using Penstock.Benchmarks.Hosting;

namespace Penstock.Benchmarks.Rows;

/// <summary>The runtime without a server, a wire format or a host; measured by the program for micro-benchmarks.</summary>
sealed class RuntimeRow(int sinks, int bound) : BenchRow
{
    const string Project = "Penstock.MicroBenchmarks";

    public override string Name => $"runtime-{sinks}";

    public override string What => $"Runtime alone: fresh events, 100,000 keys, ordered, 4 lanes, checkpoints, {sinks} sink{(sinks == 1 ? "" : "s")}; warm, and nobody listens to its instruments";

    public override IReadOnlyList<Target> Targets => [Target.Rate(bound), Target.Memory];

    static string Executable => Path.Combine(Distribution.BuildFolder(Project), "net10.0", Project);

    public override Task<IWork> PrepareAsync(BenchOptions options) => File.Exists(Executable)
        ? Task.FromResult<IWork>(new RuntimeWork(Executable, sinks, options.EventsOr(6_000_000)))
        : throw new MeasurementException($"{Executable} is missing; build {Project} in the same configuration first (`make build`)");
}
