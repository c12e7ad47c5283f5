using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters.Json;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Penstock.MicroBenchmarks.Steps;

/// <summary>How the steps are measured unless the arguments say otherwise.</summary>
static class StepsConfig
{
    /// <remarks>In this process: a project made up elsewhere would have neither our build settings nor our internals.</remarks>
    public static IConfig Default => ManualConfig
        .Create(DefaultConfig.Instance)
        .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
        .AddDiagnoser(MemoryDiagnoser.Default)
        .AddExporter(JsonExporter.Brief)
        .WithArtifactsPath(Path.Combine("artifacts", "benchmarks-micro"))
        .WithOptions(ConfigOptions.JoinSummary | ConfigOptions.DisableLogFile);
}
