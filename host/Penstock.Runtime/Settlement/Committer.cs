using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Penstock.Runtime.Diagnostics;
using Penstock.Runtime.Routing;

namespace Penstock.Runtime.Settlement;

/// <summary>
/// Turns settled events into a durable checkpoint and only then into an acknowledgement: confirmed ≤ checkpoint ≤ every sink's watermark.
/// </summary>
sealed class Committer(
    string pipeline,
    string sourceName,
    IChangeSource source,
    SourceLedger ledger,
    IReadOnlyList<(string Name, SinkRoute Route)> sinks,
    ICheckpointStore store,
    long generation,
    RuntimeServices services)
{
    static readonly TimeSpan BetweenComplaints = TimeSpan.FromSeconds(10);

    readonly ILogger _log = services.LoggerFactory.CreateLogger<Committer>();
    readonly Dictionary<string, Watermark> _partitions = new(StringComparer.Ordinal);
    readonly SinkProgress[] _cursors = new SinkProgress[sinks.Count];
    readonly TaskCompletionSource _caughtUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    IReadOnlyDictionary<string, UInt128> _beyond = new Dictionary<string, UInt128>();
    readonly TagList _checkpointStage = Stage(pipeline, sourceName, "checkpoint");
    readonly TagList _acknowledgeStage = Stage(pipeline, sourceName, "acknowledge");
    readonly StepWatch _saving = new(StepKind.Checkpoint, sourceName, null, services.Time);
    readonly StepWatch _acknowledging = new(StepKind.Acknowledge, sourceName, null, services.Time);
    List<Watermark> _reached = [];
    List<Watermark> _inOneGeneration = [];
    List<Watermark> _covered = [];
    bool _isBehind;
    long? _complained;
    long _generation = generation;
    long _current = services.Time.GetTimestamp();

    /// <summary>Time since the checkpoint was last up to date.</summary>
    public TimeSpan Age => services.Time.GetElapsedTime(Volatile.Read(ref _current));

    /// <summary>How its checkpoints and acknowledgements stand.</summary>
    public IEnumerable<StepStatus> Steps => [_saving.Status, _acknowledging.Status];

    /// <summary>Ends when the checkpoint covers all that any sink held at the start: from then on nothing stored matters any more.</summary>
    public Task CaughtUp => _caughtUp.Task;

    /// <summary>Where the source and each sink begin.</summary>
    public void StartAfter(IReadOnlyList<Watermark> from, IReadOnlyDictionary<string, UInt128> beyond, IEnumerable<SinkProgress> cursors)
    {
        _beyond = beyond;
        foreach (var watermark in from)
        {
            _partitions[watermark.Position.Partition] = watermark;
        }

        foreach (var (i, cursor) in cursors.Index())
        {
            _cursors[i] = cursor;
        }

        NoteCaughtUp();
    }

    /// <summary>Puts on disk with which lanes the sinks are about to write, before they do: what they store can be understood only with that.</summary>
    public async Task EstablishAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(new RetryDelays(), services.Time, services.Random);
        // In both generations: should one get lost, the other must not say that other lanes wrote.
        for (var saved = 0; saved < 2;)
        {
            if (TrySave())
            {
                saved++;
            }
            else
            {
                await backoff.PauseAsync(backoff.NextDelay(), cancellationToken);
            }
        }
    }

    /// <summary>Commits at every interval until it shall end; an acknowledgement on its way is finished unless it is aborted.</summary>
    public async Task RunAsync(TimeSpan interval, CancellationToken end, CancellationToken abort)
    {
        using var timer = new PeriodicTimer(interval, services.Time);
        while (await timer.WaitForNextTickAsync(end))
        {
            await CommitAsync(abort);
        }
    }

    /// <summary>
    /// Saves what is settled now, and acknowledges what was saved before: both generations cover it then, so that either of them alone can be
    /// resumed from. Not concurrent with itself.
    /// </summary>
    /// <returns>Whether the disk took it.</returns>
    public async Task<bool> CommitAsync(CancellationToken cancellationToken)
    {
        await SocketThread.LeaveAsync();
        _isBehind |= ledger.TakeReached(_reached, _cursors);
        if (_isBehind || _inOneGeneration.Count > 0 || _covered.Count > 0)
        {
            Advance();
            if (!TrySave())
            {
                return false;
            }

            _isBehind = false;
            _covered.AddRange(_inOneGeneration);
            _inOneGeneration = _reached;
            _reached = [];
            await AcknowledgeAsync(_covered, cancellationToken);
            // Not before: one that was cut off at the end is made once more by the last commit.
            _covered = [];
        }

        Volatile.Write(ref _current, services.Time.GetTimestamp());
        return true;
    }

    /// <summary>Commits until everything that is settled is checkpointed and was offered to the source.</summary>
    /// <returns>Whether it is.</returns>
    public async Task<bool> CommitAllAsync(CancellationToken cancellationToken)
    {
        do
        {
            if (!await CommitAsync(cancellationToken))
            {
                return false;
            }
        }
        while (_inOneGeneration.Count > 0 || _covered.Count > 0);

        return true;
    }

    /// <summary>After a clean stop: what was received is settled, so reading goes on after it, also amid what one watermark would have covered.</summary>
    public void Rest(IReadOnlyList<Watermark> received)
    {
        if (received.Any(position => !_partitions.TryGetValue(position.Position.Partition, out var saved) || saved.Position != position.Position))
        {
            foreach (var position in received)
            {
                _partitions[position.Position.Partition] = position;
            }

            foreach (var cursor in _cursors)
            {
                cursor.MoveTo(received.Select(position => position.Position));
            }

            TrySave();
        }
    }

    void Advance()
    {
        foreach (var watermark in _reached)
        {
            if (watermark.Closes)
            {
                _partitions.Remove(watermark.Position.Partition);
            }
            else
            {
                _partitions[watermark.Position.Partition] = watermark;
            }
        }
    }

    bool TrySave()
    {
        var began = services.Time.GetTimestamp();
        _saving.Begin();
        try
        {
            store.Save(new Checkpoint(_generation + 1, [.. _partitions.Values])
            {
                Sinks = [.. sinks.Select((sink, i) => new SinkCursor(sink.Name, sink.Route.Layout, _cursors[i].Settled) { Held = Held(sink.Route) })],
            });
            _generation++;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Nothing is acknowledged or read while the disk refuses; the next interval tries again with all that was reached.
            ledger.Hold(true);
            _saving.Fail(failure.Message);
            Complain(failure);
            return false;
        }

        ledger.Hold(false);
        _saving.End();
        NoteCaughtUp();
        _complained = null;
        services.Instruments.StageLatency.Record(services.Time.GetElapsedTime(began).TotalSeconds, _checkpointStage);
        return true;
    }

    static IReadOnlyList<IReadOnlyList<SourcePosition>> Held(SinkRoute route) =>
        route.Feeds[0].TracksHeld ? [.. route.Feeds.Select(feed => feed.Held)] : [];

    void NoteCaughtUp()
    {
        foreach (var (partition, order) in _beyond)
        {
            if (!_partitions.TryGetValue(partition, out var saved) || saved.Position.Order < order)
            {
                return;
            }
        }

        _caughtUp.TrySetResult();
    }

    // At once, then now and then: the disk that refuses may be the one the log goes to.
    void Complain(Exception failure)
    {
        if (_complained is not { } last || services.Time.GetElapsedTime(last) >= BetweenComplaints)
        {
            _complained = services.Time.GetTimestamp();
            _log.CheckpointFails(pipeline, sourceName, failure.Message);
        }
    }

    async Task AcknowledgeAsync(List<Watermark> reached, CancellationToken cancellationToken)
    {
        if (reached.Count == 0)
        {
            return;
        }

        var began = services.Time.GetTimestamp();
        _acknowledging.Begin();
        try
        {
            await source.AcknowledgeAsync(reached, cancellationToken);
            _acknowledging.End();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception failure)
        {
            // It is not made again by itself: the next one covers it.
            _acknowledging.Fail(failure.Message);
            _log.AcknowledgeFailed(pipeline, sourceName, failure.Message);
        }

        services.Faults.Pass(FaultPoint.Acknowledged);
        services.Instruments.StageLatency.Record(services.Time.GetElapsedTime(began).TotalSeconds, _acknowledgeStage);
    }

    static TagList Stage(string pipeline, string source, string stage) =>
        new() { { "pipeline", pipeline }, { "source", source }, { "stage", stage } };
}
