using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Penstock.Runtime;
using Penstock.Runtime.Diagnostics;

namespace Penstock.Host.Running;

/// <summary>Runs the pipelines of a config side by side until all have ended or the host is asked to stop.</summary>
sealed class PipelineService(RuntimeServices services, IHostApplicationLifetime lifetime) : BackgroundService
{
    IReadOnlyList<Pipeline> _pipelines = [];
    IReadOnlyList<Task<PipelineResult>> _running = [];

    /// <summary>How each pipeline ended, in config order; null for one that had not ended when the host gave up waiting.</summary>
    public IReadOnlyList<(string Pipeline, PipelineResult? Result)> Results =>
        [.. _pipelines.Zip(_running, (pipeline, run) => (pipeline.Name, run.IsCompletedSuccessfully ? run.Result : null))];

    /// <summary>How each pipeline stands, in config order, and how it ended if it did.</summary>
    public IReadOnlyList<(string Pipeline, PipelineStatus Status, PipelineResult? Result)> Now =>
        [.. _pipelines.Select((pipeline, i) => (pipeline.Name, pipeline.Status, i < _running.Count ? ResultOf(_running[i]) : null))];

    /// <summary>Says what to run; called before the host starts.</summary>
    public void Configure(IReadOnlyList<PipelinePlan> plans, RuntimeOptions options)
    {
        _pipelines = [.. plans.Select(plan => new Pipeline(plan, options, services))];
        services.Instruments.Observe(InFlight, BytesInFlight, LaneDepths, CheckpointAges);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            _running = [.. _pipelines.Select(pipeline => pipeline.RunAsync(stoppingToken, CancellationToken.None))];
            await Task.WhenAll(_running);
        }
        finally
        {
            lifetime.StopApplication();
        }
    }

    static PipelineResult? ResultOf(Task<PipelineResult> run) => run.Status switch
    {
        TaskStatus.RanToCompletion => run.Result,
        TaskStatus.Faulted => new PipelineResult(PipelineState.Failed, run.Exception!.GetBaseException().Message, []),
        _ => null,
    };

    IEnumerable<Measurement<long>> InFlight() =>
        from pipeline in _pipelines
        from source in pipeline.Sources
        select new Measurement<long>(source.InFlight, Label("pipeline", pipeline.Name), Label("source", source.Name));

    IEnumerable<Measurement<long>> BytesInFlight() =>
        from pipeline in _pipelines
        from source in pipeline.Sources
        select new Measurement<long>(source.BytesInFlight, Label("pipeline", pipeline.Name), Label("source", source.Name));

    IEnumerable<Measurement<long>> LaneDepths() =>
        from pipeline in _pipelines
        from source in pipeline.Sources
        from depth in source.LaneDepths()
        group depth.Events by (Pipeline: pipeline.Name, depth.Sink, depth.Lane) into lane
        select new Measurement<long>(lane.Sum(), Label("pipeline", lane.Key.Pipeline), Label("sink", lane.Key.Sink), Label("lane", lane.Key.Lane));

    IEnumerable<Measurement<double>> CheckpointAges() =>
        from pipeline in _pipelines
        from source in pipeline.Sources
        select new Measurement<double>(source.CheckpointAge.TotalSeconds, Label("pipeline", pipeline.Name), Label("source", source.Name));

    static KeyValuePair<string, object?> Label(string name, object value) => new(name, value);
}
