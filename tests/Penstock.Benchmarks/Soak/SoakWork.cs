using System.Diagnostics;
using Penstock.Benchmarks.Hosting;
using Penstock.Benchmarks.Soak.Pipelines;
using Penstock.Benchmarks.Soak.Rules;
using Penstock.Benchmarks.Soak.Sampling;
using Penstock.TestServers;

namespace Penstock.Benchmarks.Soak;

/// <summary>The writers and judges of all pipelines while the host runs.</summary>
sealed class SoakWork
{
    static readonly TimeSpan Stillness = TimeSpan.FromSeconds(5);

    readonly PenstockHost _host;
    readonly IReadOnlyList<SoakPipeline> _pipelines;
    readonly Task[] _judges;
    readonly Task[] _writers;

    public SoakWork(PenstockHost host, IReadOnlyList<SoakPipeline> pipelines)
    {
        (_host, _pipelines) = (host, pipelines);
        _judges = [.. pipelines.Select(pipeline => pipeline.JudgeAsync())];
        _writers = [.. pipelines.Select(pipeline => pipeline.WriteAsync())];
    }

    public IReadOnlyList<string> Names => [.. _pipelines.Select(pipeline => pipeline.Name)];

    public IReadOnlyDictionary<string, long> Delivered() => _pipelines.ToDictionary(pipeline => pipeline.Name, pipeline => pipeline.Delivered);

    public void OpenForMost()
    {
        foreach (var pipeline in _pipelines)
        {
            pipeline.Gate.OpenForMost();
        }
    }

    public void OpenAt(IReadOnlyDictionary<string, SoakRate> rates)
    {
        foreach (var pipeline in _pipelines)
        {
            pipeline.Gate.OpenAt(rates[pipeline.Name].Chosen);
        }
    }

    public async Task FollowAsync()
    {
        var metrics = new Metrics(await _host.MetricsAsync() ?? "");
        foreach (var pipeline in _pipelines)
        {
            pipeline.Follow(metrics);
            pipeline.Tidy();
        }
    }

    /// <summary>Throws what a writer or a judge has thrown.</summary>
    public void ThrowIfFailed()
    {
        foreach (var task in _judges.Concat(_writers).Where(task => task.IsFaulted))
        {
            task.GetAwaiter().GetResult();
        }
    }

    /// <summary>Stops writing, waits for what is on its way, stops the host, and says what all of them found.</summary>
    public async Task<IReadOnlyList<Finding>> EndAsync()
    {
        var totals = _pipelines.ToDictionary(pipeline => pipeline.Name, pipeline => pipeline.Gate.Close());
        await Task.WhenAll(_writers);
        await DrainAsync(totals);
        ThrowIfFailed();
        List<Finding> findings = [Health(await _host.HealthAsync()), await EndHostAsync()];
        foreach (var pipeline in _pipelines)
        {
            pipeline.EndJudge();
        }

        await Task.WhenAll(_judges);
        foreach (var pipeline in _pipelines)
        {
            findings.AddRange(pipeline.Judge(totals[pipeline.Name]));
            var (read, delivered) = HostBooks.Of(_host.Log, pipeline.Name);
            findings.Add(new Finding(
                $"{pipeline.Name}: the host's books", read == delivered && delivered == totals[pipeline.Name], $"read {read}, delivered {delivered}", $"{totals[pipeline.Name]}"));
        }

        return findings;
    }

    // What does not come is found later, by name.
    async Task DrainAsync(Dictionary<string, long> totals)
    {
        var (delivered, since) = (-1L, Stopwatch.StartNew());
        await Eventually.HoldsAsync(
            async () =>
            {
                await FollowAsync();
                var now = _pipelines.Sum(pipeline => pipeline.Delivered);
                if (now != delivered)
                {
                    (delivered, since) = (now, Stopwatch.StartNew());
                }

                return _pipelines.All(pipeline => pipeline.Delivered >= totals[pipeline.Name]) || since.Elapsed > Stillness;
            },
            "everything is delivered, or nothing more comes");
    }

    static Finding Health((int Status, string Body) answer) => new("/health at the end", answer.Status == 200, $"{answer.Status}", "200");

    async Task<Finding> EndHostAsync()
    {
        const string rule = "the host ends with 0 and had nothing to warn of";
        try
        {
            await _host.EndAsync();
            return new Finding(rule, Holds: true, "", "");
        }
        catch (MeasurementException e)
        {
            return new Finding(rule, Holds: false, e.Message, "");
        }
    }
}
