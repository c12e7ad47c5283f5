using Penstock.MicroBenchmarks.RuntimeAlone;

return await RuntimeAloneProgram.RunAsync(RuntimeAloneOptions.Parse(args));
