using Microsoft.Extensions.Logging;
using Penstock.Runtime.Diagnostics;
using Penstock.Runtime.Routing;
using Penstock.Runtime.Settlement;

namespace Penstock.Runtime;

/// <summary>
/// Runs one pipeline. When the lanes of a sink that stores positions have changed since a crash, first a run with the lanes of before replays
/// what the sink may hold; only when that is settled can its positions be understood without them.
/// </summary>
sealed class Pipeline(PipelinePlan plan, RuntimeOptions options, RuntimeServices services)
{
    readonly ILogger _log = services.LoggerFactory.CreateLogger<Pipeline>();
    volatile PipelineRun? _run;

    public string Name => plan.Name;

    /// <summary>The sources, once the pipeline runs; for the gauges.</summary>
    public IReadOnlyList<SourceRunner> Sources => _run?.Sources ?? [];

    /// <summary>How it stands now.</summary>
    public PipelineStatus Status => _run?.Status ?? PipelineStatus.None;

    /// <summary>Runs until the sources end, reading is stopped, or something fails that only an operator can mend.</summary>
    /// <param name="stopReading">Ends the reading; what was read is still delivered, checkpointed and acknowledged.</param>
    /// <param name="abort">Ends everything at once; the next start repeats what was not settled.</param>
    public async Task<PipelineResult> RunAsync(CancellationToken stopReading, CancellationToken abort)
    {
        var before = LayoutsBefore();
        if (before.Count > 0)
        {
            _run = new PipelineRun(plan, before, options, services);
            var replayed = await _run.RunAsync(stopReading, abort);
            if (replayed.State != PipelineState.Completed || stopReading.IsCancellationRequested || abort.IsCancellationRequested)
            {
                return replayed;
            }

            if (!_run.HasCaughtUp)
            {
                // A write of the old lanes may still be on its way: in this process nobody may write beside it.
                return replayed with { State = PipelineState.Failed, Reason = NotReplayed() };
            }

            _log.LanesChanged(plan.Name);
        }

        _run = new PipelineRun(plan, new Dictionary<string, LaneLayout>(), options, services);
        return await _run.RunAsync(stopReading, abort);
    }

    string NotReplayed()
    {
        var reason = $"{plan.Name}: the lanes were not changed, because what the lanes of before wrote could not be settled in {options.DrainTimeout.TotalSeconds} s. Start again";
        _log.LanesNotChanged(reason);
        return reason;
    }

    // Of the sinks that store positions, the lanes they wrote with, where the config now has others.
    Dictionary<string, LaneLayout> LayoutsBefore()
    {
        var layouts = new Dictionary<string, LaneLayout>(StringComparer.Ordinal);
        var directory = Path.Combine(options.StateDirectory, plan.Name);
        foreach (var source in plan.Sources)
        {
            var checkpoint = Load(new CheckpointStore(directory, plan.Name, source.Name, services));
            foreach (var sink in plan.Sinks.Where(sink => sink.StoresPositions))
            {
                if (checkpoint.CursorOf(sink.Name) is { } cursor && cursor.Layout != sink.Layout && layouts.TryAdd(sink.Name, cursor.Layout))
                {
                    _log.LanesChange(plan.Name, sink.Name, cursor.Layout, sink.Layout);
                }
            }
        }

        return layouts;
    }

    static Checkpoint Load(CheckpointStore store)
    {
        try
        {
            return store.Load();
        }
        catch (PipelineFailureException)
        {
            // The run meets it again, and reports it.
            return Checkpoint.None;
        }
    }
}
