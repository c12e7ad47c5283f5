using Microsoft.Extensions.Logging;
using Penstock.Host.Running;
using Penstock.Runtime;
using Penstock.Runtime.Diagnostics;

namespace Penstock.Host.Admin.Health;

/// <summary>
/// Says of each pipeline whether it makes progress and, if not, why: something that was read is not settled in time, or a step of it fails or
/// does not end. Looks at the pipelines a few times within that time; they do not know of it.
/// </summary>
/// <param name="pipelines">What runs.</param>
/// <param name="refused">Pipelines of the config that do not run, and why.</param>
/// <param name="limit">How long there may be no progress.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where a look that fails is told.</param>
/// <param name="stopping">Whether the host is about to end.</param>
sealed class HealthMonitor(
    PipelineService pipelines,
    IReadOnlyList<(string Pipeline, string Reason)> refused,
    TimeSpan limit,
    TimeProvider time,
    ILogger log,
    CancellationToken stopping) : IDisposable
{
    const int LooksWithinLimit = 8;

    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    static readonly Awaited[] Stopping = [new("the host is stopping")];

    readonly Lock _lock = new();
    readonly Dictionary<(string Pipeline, string Source), Backlog> _backlogs = [];
    ITimer? _timer;
    bool _hasComplained;

    public void Start()
    {
        var pause = limit / LooksWithinLimit;
        pause = pause < LongestPause ? pause : LongestPause;
        _timer = time.CreateTimer(_ => LookAlone(), state: null, pause, pause);
    }

    public IReadOnlyList<PipelineHealth> Look()
    {
        lock (_lock)
        {
            return [.. pipelines.Now.Select(now => Judge(now.Pipeline, now.Status, now.Result)), .. refused.Select(Refused)];
        }
    }

    public void Dispose() => _timer?.Dispose();

    // What escapes from a timer ends the process.
    void LookAlone()
    {
        try
        {
            Look();
            _hasComplained = false;
        }
        catch (Exception failure)
        {
            if (!_hasComplained)
            {
                _hasComplained = true;
                log.LookFails(failure);
            }
        }
    }

    static PipelineHealth Refused((string Pipeline, string Reason) pipeline) =>
        new(pipeline.Pipeline, HealthState.Failed, "refused") { Reason = pipeline.Reason, Awaits = [new Awaited(pipeline.Reason)] };

    PipelineHealth Judge(string pipeline, PipelineStatus status, PipelineResult? result)
    {
        var late = status.Sources.Select(source => Late(pipeline, source)).OfType<Trouble>().ToList();
        var troubles = Troubles(status.Steps, limit);
        if (troubles.Count > 0)
        {
            // The queue that it leaves behind is its doing: lateness counts from when it is mended.
            _backlogs.Where(backlog => backlog.Key.Pipeline == pipeline).ToList().ForEach(backlog => backlog.Value.Restart());
        }
        else if (late.Count > 0)
        {
            // What fails right now is the better explanation, though it has not failed for so long.
            troubles = Troubles(status.Steps.Where(step => step.Failing is not null), TimeSpan.Zero) is { Count: > 0 } failing ? failing : late;
        }

        if (result is not null)
        {
            var ended = Ended(pipeline, result) with { Sources = status.Sources };
            return stopping.IsCancellationRequested ? ended with { Awaits = Stopping } : ended;
        }

        var awaits = Readiness.Awaits(status);
        var state = stopping.IsCancellationRequested ? "stopping" : awaits.Count > 0 ? "starting" : "running";
        return new PipelineHealth(pipeline, troubles.Count > 0 ? HealthState.Degraded : HealthState.Healthy, state)
        {
            Sources = status.Sources,
            Troubles = troubles,
            Awaits = stopping.IsCancellationRequested ? Stopping : awaits,
        };
    }

    static PipelineHealth Ended(string pipeline, PipelineResult result) => result.State switch
    {
        PipelineState.Completed => new PipelineHealth(pipeline, HealthState.Healthy, "completed"),
        var state => new PipelineHealth(pipeline, HealthState.Failed, state == PipelineState.PositionLost ? "positionLost" : "failed")
        {
            Reason = result.Reason,
            Awaits = [new Awaited(result.Reason ?? "the pipeline failed")],
        },
    };

    List<Trouble> Troubles(IEnumerable<StepStatus> steps, TimeSpan atLeast) => [.. steps.Select(step => Trouble(step, atLeast)).OfType<Trouble>()];

    Trouble? Trouble(StepStatus step, TimeSpan atLeast)
    {
        // A connection that is being made has its own patience, and fails.
        var stuck = step.Failing ?? (step.Kind == StepKind.Read ? null : step.UnderWay);
        return stuck is { } duration && duration >= atLeast
            ? new Trouble(StepText.CauseOf(step), time.GetUtcNow() - duration, step.Reason ?? StepText.Endless(step))
            {
                Source = StepText.IsOfSource(step) ? step.Part : null,
                Sink = StepText.IsOfSource(step) ? null : step.Part,
                Lane = step.Lane,
            }
            : null;
    }

    Trouble? Late(string pipeline, SourceProgress source)
    {
        if (!_backlogs.TryGetValue((pipeline, source.Source), out var backlog))
        {
            _backlogs.Add((pipeline, source.Source), backlog = new Backlog(limit, time));
        }

        backlog.Look(source);
        return backlog.LateFor is { } late
            ? new Trouble(
                Cause.Queue,
                time.GetUtcNow() - late,
                $"nothing fails, but events wait longer than {limit.TotalSeconds} s until they are settled; more lanes, larger batches or a faster sink help")
            {
                Source = source.Source,
                Sink = source.HeldBy?.Sink,
                Lane = source.HeldBy?.Lane,
            }
            : null;
    }
}
