using Penstock.Runtime.DeadLetters;
using Penstock.Runtime.Diagnostics;
using Penstock.Runtime.Lanes;
using Penstock.Runtime.Routing;
using Penstock.Runtime.Settlement;

namespace Penstock.Runtime;

/// <summary>The lanes of one sink.</summary>
sealed class SinkRunner : IAsyncDisposable
{
    readonly SinkPlan _plan;
    readonly Lane[] _lanes;
    readonly RuntimeServices _services;

    public SinkRunner(string pipeline, SinkPlan plan, string stateDirectory, RuntimeServices services)
    {
        _plan = plan;
        _services = services;
        _lanes = new Lane[plan.Lanes];
        var store = DeadLetterStore.Open(stateDirectory, pipeline, plan.Name, services);
        var breaker = new Breaker(plan.Retry, services.Time);
        for (var number = 0; number < _lanes.Length; number++)
        {
            var sink = plan.Create(new SinkContext
            {
                Pipeline = pipeline,
                Instance = plan.Name,
                Lane = number,
                LaneCount = plan.Lanes,
                LoggerFactory = services.LoggerFactory,
                TimeProvider = services.Time,
                Meter = services.Meter,
            });
            var identity = new LaneIdentity(pipeline, plan.Name, number);
            new LaneInstruments(identity, services.Instruments).Begin();
            var letters = new LaneLetters(identity, store, plan.OnPoison, plan.SameKey, services);
            var backoff = new Backoff(plan.Retry, services.Time, services.Random);
            _lanes[number] = new Lane(identity, new SinkWriter(identity, sink, letters, backoff, breaker, services), plan.Batch, services);
        }
    }

    public SinkPlan Plan => _plan;

    /// <summary>What the sink promises; exact once it is open.</summary>
    public SinkTraits Traits => _lanes[0].Writer.Traits;

    /// <summary>What it says it holds; once it is open.</summary>
    public SinkState State => new(_plan.Name, _plan.Layout, _plan.StoresPositions ? [.. _lanes.Select(lane => lane.Writer.Stored ?? [])] : null)
    {
        MissingPositionIsLoss = _plan.MissingPositionIsLoss,
    };

    /// <summary>How its lanes stand.</summary>
    public IEnumerable<StepStatus> Steps => _lanes.SelectMany(lane => lane.Writer.Steps);

    /// <summary>All lanes are open before anything is read.</summary>
    public IEnumerable<Task> Open(CancellationToken cancellationToken) => _lanes.Select(lane => lane.Writer.OpenAsync(cancellationToken).AsTask());

    /// <summary>Makes the links from one source to every lane.</summary>
    public SinkRoute Connect(InFlight inFlight, PositionOrder order)
    {
        // Positions that do not rise are not stored, and so cannot be missed.
        var tracksHeld = _plan.StoresPositions && order == PositionOrder.Partition;
        return new(_plan.Layout, [.. _lanes.Select(lane => new LaneFeed(lane.Queue, _plan.Batch, inFlight, _services.Time, tracksHeld))])
        {
            WantsSchemas = _lanes[0].Writer.WantsSchemas,
            KeepsTransactions = _plan.Batch.WholeTransactions,
        };
    }

    public IEnumerable<Task> Run(CancellationToken cancellationToken) =>
        _lanes.Select(lane => Task.Run(() => lane.RunAsync(cancellationToken), CancellationToken.None));

    /// <summary>No source writes any more: the lanes end when they are empty.</summary>
    public void Complete()
    {
        foreach (var lane in _lanes)
        {
            lane.Queue.TryComplete();
        }
    }

    public async ValueTask DisposeAsync() => await Task.WhenAll(_lanes.Select(async lane => await lane.DisposeAsync()));
}
