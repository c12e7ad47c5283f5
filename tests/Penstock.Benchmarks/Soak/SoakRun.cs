using System.Data.Common;
using System.Net.Sockets;
using Penstock.Benchmarks.Hosting;
using Penstock.Benchmarks.Measuring;
using Penstock.Benchmarks.Soak.Pipelines;
using Penstock.Benchmarks.Soak.Report;
using Penstock.Benchmarks.Soak.Rules;
using Penstock.Benchmarks.Soak.Sampling;
using Penstock.TestServers;

namespace Penstock.Benchmarks.Soak;

/// <summary>Lets one published host run for a while at a fixed rate, and judges what came out and what became of the host.</summary>
static class SoakRun
{
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>The exit code: 0 when every rule holds.</summary>
    public static async Task<int> RunAsync(SoakOptions options)
    {
        var machine = Penstock.Benchmarks.Report.Machine.Describe(TimeProvider.System);
        await using var servers = await SoakServers.StartAsync(options.Pipelines.Contains("wal"));
        using var interruption = new Interruption(servers);
        using var reference = new Reference();
        SoakPipeline[] pipelines = [.. options.Pipelines.Select(name => servers.NewPipeline(name, options.Plant))];
        using var host = PenstockHost.Start(port => SoakConfig.ToJson(pipelines, port), new ServerCpu());
        using var leak = options.Plant.HasFlag(SoakPlant.Leak) ? new PlantedLeak(host.AdminPort, options.Minutes * 60 / options.SampleSeconds) : null;
        var sampler = new Sampler(host, pipelines, new ServerSide(servers.Plain, servers.Postgres), reference);
        IReadOnlyDictionary<string, SoakRate> rates = new Dictionary<string, SoakRate>();
        List<Finding> findings = [];
        try
        {
            await Eventually.HoldsAsync(async () => await host.MetricsAsync() is not null && pipelines.All(pipeline => pipeline.IsReading()), "the host reads");
            var work = new SoakWork(host, pipelines);
            rates = await SoakRates.ChooseAsync(options, work);
            work.OpenAt(rates);
            await sampler.BeginAsync();
            await SampleAsync(options, sampler, work, leak);
            findings.AddRange(await work.EndAsync());
        }
        catch (Exception e) when (e is MeasurementException or InvalidOperationException or TimeoutException or IOException or HttpRequestException or DbException or SocketException)
        {
            findings.Add(new Finding("it runs to its end", Holds: false, e.Message, ""));
        }

        if (sampler.Series is { } series && series.Count / 2 >= SoakOptions.LeastSamplesOfSlope)
        {
            findings.AddRange(SoakRules.Judge(series, pipelines.Select(pipeline => (pipeline.Name, rates[pipeline.Name].Chosen))));
        }

        return SoakReport.Write(options, machine, rates, sampler.Series, findings);
    }

    static async Task SampleAsync(SoakOptions options, Sampler sampler, SoakWork work, PlantedLeak? leak)
    {
        var readings = 0;
        var perSample = Math.Max(1, (int)Math.Round(options.SampleSeconds / Second.TotalSeconds));
        using var timer = new PeriodicTimer(Second);
        for (var left = (int)Math.Ceiling(options.Minutes * 60); left > 0 && await timer.WaitForNextTickAsync(); left--)
        {
            work.ThrowIfFailed();
            if (++readings % perSample == 0)
            {
                leak?.Grow();
                SoakReport.Print(await sampler.SampleAsync(), work.Names);
            }
            else
            {
                await sampler.ReadAsync();
            }
        }
    }
}
