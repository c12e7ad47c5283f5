using BenchmarkDotNet.Running;
using Penstock.MicroBenchmarks.RuntimeAlone;
using Penstock.MicroBenchmarks.Steps;

if (args.Contains("--runtime"))
{
    return await RuntimeAloneProgram.RunAsync(args);
}

// Without a filter it would ask which benchmarks are meant.
string[] all = args.Any(argument => argument is "--filter" or "-f" or "--list") ? [] : ["--filter", "*"];
return BenchmarkSwitcher.FromAssembly(typeof(StepsConfig).Assembly).Run([.. args, .. all], StepsConfig.Default).Any() ? 0 : 1;
