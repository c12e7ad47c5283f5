using Microsoft.Extensions.Logging;
using Penstock.Runtime.Acquisition;
using Penstock.Runtime.Diagnostics;
using Penstock.Runtime.Lanes;
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
    readonly SourcePump _pump;
    readonly SourceLedger _ledger;
    readonly Committer _committer;
    readonly ReceivedPositions _received;
    Task _pumping = Task.CompletedTask;
    Task _committing = Task.CompletedTask;

    public SourceRunner(string pipeline, SourcePlan plan, IReadOnlyList<SinkRunner> sinks, string stateDirectory, LossLog losses, RuntimeServices services)
    {
        Name = plan.Name;
        _sinks = sinks;
        // First, so that nothing is left open when the checkpoint is refused.
        var store = new CheckpointStore(stateDirectory, pipeline, plan.Name, services);
        var checkpoint = store.Load();
        LogStart(pipeline, checkpoint, services);
        _source = plan.Create(new SourceContext
        {
            Pipeline = pipeline,
            Instance = plan.Name,
            LoggerFactory = services.LoggerFactory,
            TimeProvider = services.Time,
            Meter = services.Meter,
        });

        var progress = new AsyncSignal();
        _routes = [.. sinks.Select(sink => sink.Connect(progress))];
        _ledger = new SourceLedger(_routes, progress);
        _committer = new Committer(pipeline, plan.Name, _source, _ledger, store, checkpoint, services);
        var origin = new EventOrigin(pipeline, plan.Name, _source.Traits.Guarantee);
        _received = new ReceivedPositions(checkpoint);
        _pump = new SourcePump(origin, _source, _routes, _ledger, _received, new LossRecorder(origin, losses, services), progress, services);
    }

    public string Name { get; }

    public SourceTraits Traits => _source.Traits;

    public TimeSpan CheckpointAge => _committer.Age;

    public long InFlight => _ledger.Read - _ledger.Settled();

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
        if (_committing.IsCompleted && await _committer.CommitAsync(cancellationToken)
            && _pumping.IsCompletedSuccessfully && InFlight == 0 && Traits.PositionOrder == PositionOrder.Partition)
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
            yield return new Books(Name, _sinks[i].Plan.Name, read, feeds.Sum(feed => feed.Delivered), feeds.Sum(feed => feed.InFlight));
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

    void LogStart(string pipeline, Checkpoint checkpoint, RuntimeServices services)
    {
        var log = services.LoggerFactory.CreateLogger<SourceRunner>();
        if (checkpoint.Partitions.Count == 0)
        {
            log.StartsFresh(pipeline, Name);
        }

        foreach (var watermark in checkpoint.Partitions)
        {
            log.Resumes(pipeline, Name, watermark.Position);
        }
    }
}
