using Microsoft.Extensions.Logging;
using Penstock.Runtime.Acquisition;
using Penstock.Runtime.Diagnostics;
using Penstock.Runtime.Losses;
using Penstock.Runtime.Routing;
using Penstock.Runtime.Settlement;

namespace Penstock.Runtime;

/// <summary>One source with its pump, its ledger and its checkpoint.</summary>
sealed class SourceRunner : IAsyncDisposable
{
    readonly IReadOnlyList<SinkRunner> _sinks;
    readonly SinkRoute[] _routes;
    readonly IChangeSource _source;
    readonly LossRecorder _losses;
    readonly ReadWatch _reading;
    readonly SourcePump _pump;
    readonly InFlight _inFlight = new();
    readonly SourceLedger _ledger;
    readonly Committer _committer;
    readonly ReceivedPositions _received = new();
    readonly Checkpoint _checkpoint;
    readonly string _pipeline;
    readonly ILogger _log;
    Task _pumping = Task.CompletedTask;
    Task _committing = Task.CompletedTask;

    public SourceRunner(
        string pipeline, SourcePlan plan, IReadOnlyList<SinkRunner> sinks, CheckpointStore store, Checkpoint checkpoint, LossLog losses, RuntimeServices services)
    {
        services.Instruments.Begin(pipeline, plan.Name);
        Name = plan.Name;
        _pipeline = pipeline;
        _checkpoint = checkpoint;
        _sinks = sinks;
        _log = services.LoggerFactory.CreateLogger<SourceRunner>();
        _reading = new ReadWatch(plan.Name, services.Time);
        _source = plan.Create(new SourceContext
        {
            Pipeline = pipeline,
            Instance = plan.Name,
            Readers = plan.Readers,
            LoggerFactory = services.LoggerFactory,
            TimeProvider = services.Time,
            Meter = services.Meter,
            ReportConnected = _reading.Connected,
        });

        _routes = [.. sinks.Select(sink => sink.Connect(_inFlight, Traits.PositionOrder))];
        _ledger = new SourceLedger(_routes, _inFlight, plan.InFlight);
        _committer = new Committer(
            pipeline, plan.Name, _source, _ledger, [.. sinks.Zip(_routes, (sink, route) => (sink.Plan.Name, route))], store, checkpoint.Generation, services);
        var origin = new EventOrigin(pipeline, plan.Name, _source.Traits.Guarantee) { PositionOrder = _source.Traits.PositionOrder };
        _losses = new LossRecorder(origin, losses, services);
        _pump = new SourcePump(origin, _source, _routes, _ledger, _received, _losses, _inFlight, _reading, services);
    }

    public string Name { get; }

    public SourceTraits Traits => _source.Traits;

    public TimeSpan CheckpointAge => _committer.Age;

    public long InFlight
    {
        get
        {
            var settled = _ledger.Settled();
            return _ledger.Read - settled;
        }
    }

    public long BytesInFlight => _inFlight.Bytes;

    public SourceProgress Progress
    {
        get
        {
            // What is settled first: both only grow, so it is never ahead of what is read.
            var settled = _ledger.Settled();
            return new SourceProgress(Name, _ledger.Read, settled) { HeldBy = OldestLane() };
        }
    }

    /// <summary>How its reading, its checkpoint and all that belongs to them stand.</summary>
    public IEnumerable<StepStatus> Steps => [_reading.Status, .. _committer.Steps, _losses.Status];

    /// <summary>Ends when the checkpoint covers all that any sink held at the start.</summary>
    public Task CaughtUp => _committer.CaughtUp;

    /// <summary>Whether everything that was read is settled and in the checkpoint; after the last commit.</summary>
    public bool IsAtRest { get; private set; }

    /// <summary>Finds where to begin. All sinks are open.</summary>
    /// <exception cref="PipelineFailureException">What a sink holds and the checkpoint do not fit together.</exception>
    public async Task ResumeAsync(CancellationToken cancellationToken)
    {
        var from = _checkpoint.Partitions;
        var isOrdered = Traits.PositionOrder == PositionOrder.Partition;
        if (isOrdered)
        {
            var resumption = new Resumption(_pipeline, Name, _checkpoint, _log);
            SinkProgress[] cursors = [.. _sinks.Zip(_routes, (sink, route) => Resume(resumption, sink.State, route))];
            from = resumption.From;
            _committer.StartAfter(from, resumption.Beyond, cursors);
        }
        else
        {
            SourcePosition[] positions = [.. from.Select(watermark => watermark.Position)];
            _committer.StartAfter(from, new Dictionary<string, UInt128>(), _routes.Select(_ => new SinkProgress(positions)));
        }

        _received.StartAfter(from);
        LogStart(from);
        if (isOrdered && _sinks.Any(sink => sink.Plan.StoresPositions && (_checkpoint.IsReset || _checkpoint.CursorOf(sink.Plan.Name)?.Layout != sink.Plan.Layout)))
        {
            await _committer.EstablishAsync(cancellationToken);
        }
    }

    public Task PumpAsync(CancellationToken stopReading, CancellationToken abort) =>
        _pumping = Task.Run(() => _pump.RunAsync(stopReading, abort), CancellationToken.None);

    public Task CommitAlwaysAsync(TimeSpan interval, CancellationToken end, CancellationToken abort) =>
        _committing = Task.Run(() => _committer.RunAsync(interval, end, abort), CancellationToken.None);

    /// <summary>Commits once more, after everything has ended.</summary>
    /// <exception cref="PipelineFailureException">Committing failed before, or now.</exception>
    public async Task CommitLastAsync(CancellationToken cancellationToken)
    {
        if (_committing.IsFaulted)
        {
            // What the disk holds is unknown: writing again would hide it.
            await _committing;
        }

        // A source that hangs in an acknowledgement is not given a second one beside it.
        IsAtRest = _committing.IsCompleted && await _committer.CommitAllAsync(cancellationToken) && _pumping.IsCompletedSuccessfully && InFlight == 0;
        if (IsAtRest && Traits.PositionOrder == PositionOrder.Partition)
        {
            _committer.Rest(_received.Snapshot());
        }
    }

    public IEnumerable<Books> Books()
    {
        var read = _ledger.Read;
        for (var i = 0; i < _routes.Length; i++)
        {
            var feeds = _routes[i].Feeds;
            yield return new Books(
                Name,
                _sinks[i].Plan.Name,
                read,
                feeds.Sum(feed => feed.Delivered),
                _routes[i].Skipped,
                feeds.Sum(feed => feed.DeadLettered),
                feeds.Sum(feed => feed.InFlight));
        }
    }

    /// <summary>Events in each lane, waiting or being written.</summary>
    public IEnumerable<(string Sink, int Lane, long Events)> LaneDepths()
    {
        for (var i = 0; i < _routes.Length; i++)
        {
            for (var lane = 0; lane < _routes[i].Feeds.Length; lane++)
            {
                yield return (_sinks[i].Plan.Name, lane, _routes[i].Feeds[lane].InFlight);
            }
        }
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    (string Sink, int Lane)? OldestLane()
    {
        var oldest = long.MaxValue;
        (string, int)? holder = null;
        for (var i = 0; i < _routes.Length; i++)
        {
            foreach (var (lane, feed) in _routes[i].Feeds.Index())
            {
                if (feed.OldestOpen < oldest)
                {
                    (oldest, holder) = (feed.OldestOpen, (_sinks[i].Plan.Name, lane));
                }
            }
        }

        return holder;
    }

    SinkProgress Resume(Resumption resumption, SinkState sink, SinkRoute route)
    {
        var (progress, filter) = resumption.Add(sink);
        route.Replay = filter;
        foreach (var (lane, positions) in (sink.Stored ?? []).Index())
        {
            foreach (var stored in positions.Where(stored => stored.Source == Name && stored.Subject is null))
            {
                route.Feeds[lane].StartHolding(stored.Position);
            }
        }

        return progress;
    }

    void LogStart(IReadOnlyList<Watermark> from)
    {
        if (from.Count == 0)
        {
            _log.StartsFresh(_pipeline, Name);
        }

        foreach (var watermark in from)
        {
            _log.Resumes(_pipeline, Name, watermark.Position);
        }
    }
}
