using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Penstock.Runtime.Diagnostics;

namespace Penstock.Runtime.Losses;

/// <summary>Puts the loss windows of one source on disk, then in the log and the metrics.</summary>
sealed class LossRecorder(EventOrigin origin, LossLog file, RuntimeServices services)
{
    readonly StepWatch _watch = new(StepKind.Loss, origin.Source, null, services.Time);
    readonly ILogger _log = services.LoggerFactory.CreateLogger<LossRecorder>();
    readonly Dictionary<object, long> _open = [];

    public StepStatus Status => _watch.Status;

    /// <summary>Returning means durable; a disk that refuses is asked again, for nothing may be shown before it is written.</summary>
    public async Task RecordAsync(LossWindow loss, CancellationToken cancellationToken)
    {
        await SocketThread.LeaveAsync();
        var recorded = new RecordedLoss(origin.Source, loss);
        var backoff = new Backoff(new RetryDelays(), services.Time, services.Random);
        while (!TryAppend(recorded))
        {
            await backoff.PauseAsync(backoff.NextDelay(), cancellationToken);
        }

        services.Faults.Pass(FaultPoint.LossWritten);
        _log.LossWindow(origin.Pipeline, origin.Source, loss.Cause, loss.Node, loss.Subject, loss.OpenedAt, loss.ClosedAt, loss.Missed, loss.Detail);
        Count(recorded);
    }

    bool TryAppend(RecordedLoss loss)
    {
        _watch.Begin();
        try
        {
            file.Append(loss);
            _watch.End();
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _watch.Fail(failure.Message);
            _log.LossLogFails(failure, origin.Pipeline, origin.Source);
            return false;
        }
    }

    // A window counts once: when it opens, or when it comes already closed.
    void Count(RecordedLoss loss)
    {
        var labels = new TagList { { "pipeline", origin.Pipeline }, { "source", origin.Source }, { "cause", LossJson.Name(loss.Window.Cause) } };
        if (!_open.Remove(loss.Identity, out var counted))
        {
            services.Instruments.LossWindows.Add(1, labels);
        }

        var missed = Math.Max(loss.Window.Missed ?? 0, counted);
        if (missed > counted)
        {
            services.Instruments.EventsMissed.Add(missed - counted, labels);
        }

        if (loss.Window.ClosedAt is null)
        {
            _open.Add(loss.Identity, missed);
        }
    }
}
