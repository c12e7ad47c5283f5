using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Penstock.Runtime.Acquisition;
using Penstock.Runtime.DeadLetters;
using Penstock.Runtime.Lanes;
using Penstock.Runtime.Losses;
using Penstock.Runtime.Routing;
using Penstock.Runtime.Settlement;
using Penstock.Runtime.Tests.Support;

namespace Penstock.Runtime.Tests.Model;

/// <summary>
/// One run of a host: the production pump, routes, feeds, batches, writers, letters, ledger, committer and resumption, wired as SourceRunner and
/// SinkRunner wire them, with every wait in the hands of the model. Thrown away at a crash.
/// </summary>
sealed class Host
{
    public static readonly RuntimeServices Services = new(NullLoggerFactory.Instance, new ManualTime(), new Meter("model")) { Random = new NoJitter() };

    static readonly EventOrigin Origin = new("p", "s", DeliveryGuarantee.AtLeastOnce);
    static readonly LossRecorder Losses = new(Origin, new LossLog(Path.GetTempPath()), Services);

    readonly ReceivedPositions _received = new();
    readonly World _world;
    readonly Task _pumping;
    Task<bool> _committing = Task.FromResult(true);

    /// <param name="world">What there is.</param>
    /// <param name="disk">Where the state directory is.</param>
    /// <param name="mutant">What is planted.</param>
    /// <param name="isReplayed">Whether a run of this process has just replayed with the lanes of before.</param>
    public Host(World world, Disk disk, Mutant mutant, bool isReplayed)
    {
        _world = world;
        var scope = world.Scope;
        var epoch = world.BeginHost();
        Store = new ModelCheckpoints(disk.Checkpoints(world), world, epoch, mutant);
        Checkpoint = Store.Load();
        InFlight = new InFlight();
        var layouts = scope.Sinks.Select(sink => isReplayed || mutant == Mutant.NoReplay ? sink.Layout(world.HasOtherLanes) : LayoutOf(sink)).ToArray();
        IsReplay = scope.Sinks.Zip(layouts).Any(pair => pair.First.Layout(world.HasOtherLanes) != pair.Second);
        Letters = [.. scope.Sinks.Select((_, i) => disk.Open(world, i))];
        world.SeeLetters = sink => Invariants.SeeLetters(this, world, disk, sink);
        Lanes = [.. scope.Sinks.Select((sink, i) => OpenLanes(epoch, i, layouts[i].Lanes, mutant))];
        Routes = [.. scope.Sinks.Select((sink, i) => new SinkRoute(layouts[i], [.. Lanes[i].Select(lane => new LaneFeed(lane.Queue, lane.Limits, InFlight, Services.Time, sink.IsResumable))]))];
        Decoy = Decoy.IsFor(mutant) ? new Decoy(mutant, InFlight) : null;
        Ledger = new SourceLedger(Decoy is null ? Routes : [.. Routes.Select(_ => Decoy.Route)], InFlight, new InFlightLimits { MaxEvents = scope.MaxInFlight });
        Source = new ModelSource(world, epoch);
        Committer = new Committer("p", "s", Source, Ledger, [.. scope.Sinks.Zip(Routes, (sink, route) => (sink.Name, route))], Store, Checkpoint.Generation, Services);
        Resume(mutant);
        var pump = new SourcePump(Origin, Source, Decoy is null ? Routes : [.. Routes, Decoy.Route], Ledger, _received, Losses, InFlight, new ReadWatch("db", Services.Time), Services);
        _pumping = pump.RunAsync(CancellationToken.None, CancellationToken.None);
    }

    /// <summary>What it began with.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>Whether it only replays, with the lanes of before.</summary>
    public bool IsReplay { get; }

    public ModelCheckpoints Store { get; }

    public ModelSource Source { get; }

    public ModelLane[][] Lanes { get; }

    public SinkRoute[] Routes { get; }

    public DeadLetterStore[] Letters { get; }

    public InFlight InFlight { get; }

    public SourceLedger Ledger { get; }

    public Committer Committer { get; }

    public Decoy? Decoy { get; }

    /// <summary>Per sink the place that its cursor had at the start.</summary>
    public int[] BeganAt { get; private set; } = [];

    public bool IsCommitting => !_committing.IsCompleted;

    public bool HasReached => Source.After.TryPeek(out var after) && after <= Ledger.Settled();

    /// <summary>Whether a clean stop has nothing more to wait for.</summary>
    public bool IsDrained =>
        Source.IsStopped && _pumping.IsCompleted && !IsCommitting && Store.Late is null && Lanes.All(sink => sink.All(lane => lane.IsIdle && lane.Sink.Late.Count == 0)) && !HasReached;

    /// <summary>Whether a task that has to be over is, and without a failure.</summary>
    public static void Finished(Task task)
    {
        if (task.Exception?.InnerException is { } failure)
        {
            throw failure as Violation ?? new Violation("no failure", failure.ToString());
        }

        Violation.Unless(task.IsCompleted, "no failure", $"something waits that has nothing to wait for");
    }

    public void Commit() => _committing = Committer.CommitAsync(CancellationToken.None);

    public void Rest() => Committer.Rest(_received.Snapshot());

    /// <summary>What follows from a step at once: chunks arrive, letters are seen.</summary>
    public void Settle()
    {
        for (var sink = 0; sink < Lanes.Length; sink++)
        {
            foreach (var lane in Lanes[sink])
            {
                Receive(lane, sink);
            }

            _world.SeeLetters(sink);
        }

        Decoy?.Follow(IsSettled, Lanes.Length);
        if (_pumping.IsCompleted)
        {
            Finished(_pumping);
        }

        if (_committing.IsCompleted)
        {
            Finished(_committing);
        }
    }

    // A resumable sink's lanes as they were when the checkpoint was written, as Pipeline has it.
    LaneLayout LayoutOf(SinkScope sink)
    {
        var now = sink.Layout(_world.HasOtherLanes);
        return sink.IsResumable && Checkpoint.CursorOf(sink.Name) is { } cursor && cursor.Layout != now ? cursor.Layout : now;
    }

    ModelLane[] OpenLanes(int epoch, int i, int lanes, Mutant mutant)
    {
        var sink = _world.Scope.Sinks[i];
        var breaker = new Breaker(new RetryDelays(), Services.Time);
        return [.. Enumerable.Range(0, lanes).Select(lane => new ModelLane(
            sink.IsResumable ? new ModelResumableSink(_world, epoch, i, lane, mutant) : new ModelSink(_world, epoch, i, lane, mutant), sink, lane, Letters[i], breaker))];
    }

    // As SourceRunner does it.
    void Resume(Mutant mutant)
    {
        // The runtime itself refuses other lanes beyond the checkpoint: the mistake includes believing that they wrote it.
        var believed = mutant != Mutant.NoReplay
            ? Checkpoint
            : Checkpoint with { Sinks = [.. _world.Scope.Sinks.Zip(Routes, (sink, route) => new SinkCursor(sink.Name, route.Layout, Checkpoint.CursorOf(sink.Name)?.Settled ?? []))] };
        var resumption = new Resumption("p", "s", believed, NullLogger.Instance);
        var sinks = _world.Scope.Sinks;
        var cursors = new SinkProgress[sinks.Count];
        for (var i = 0; i < sinks.Count; i++)
        {
            IReadOnlyList<StoredPosition>[]? stored = sinks[i].IsResumable ? [.. Lanes[i].Select(lane => lane.Stored)] : null;
            (cursors[i], Routes[i].Replay) = resumption.Add(new SinkState(sinks[i].Name, Routes[i].Layout, stored));
            foreach (var (lane, positions) in (stored ?? []).Index())
            {
                foreach (var position in positions)
                {
                    Routes[i].Feeds[lane].StartHolding(position.Position);
                }
            }
        }

        BeganAt = [.. cursors.Select(cursor => Place.Of(cursor.Settled))];
        Committer.StartAfter(resumption.From, resumption.Beyond, cursors);
        _received.StartAfter(resumption.From);
        if (sinks.Zip(Routes).Any(pair => pair.First.IsResumable && Checkpoint.CursorOf(pair.First.Name)?.Layout != pair.Second.Layout))
        {
            Finished(Committer.EstablishAsync(CancellationToken.None));
        }
    }

    void Receive(ModelLane lane, int sink)
    {
        for (var fresh = lane.Receive(); fresh > 0; fresh--)
        {
            var number = lane.Waiting[^fresh];
            Violation.Unless(Place.OfEvent(number) > BeganAt[sink], "I4", $"{number} is sent to {_world.Scope.Sinks[sink].Name}, whose cursor is past it");
        }
    }

    bool IsSettled(int sink, int number) =>
        _world.IsTerminal(sink, number)
        && !Array.Exists(Lanes[sink], lane => lane.Waiting.Contains(number) || lane.Open.ToArray().Any(change => Place.NumberOf(change) == number));
}
