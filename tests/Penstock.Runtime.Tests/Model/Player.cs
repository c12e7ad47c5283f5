
namespace Penstock.Runtime.Tests.Model;

/// <summary>A host in its world: takes steps, judges after each, and says which may come next.</summary>
sealed class Player
{
    readonly StepContext _context;
    readonly Disk _disk;
    readonly Scope _scope;
    long _settled;

    public Player(World world, Disk disk, Mutant mutant, StepContext context, bool isReplayed = false)
    {
        (World, _disk, _context, _scope) = (world, disk, context, world.Scope);
        Host = new Host(world, disk, mutant, isReplayed);
        Judge();
    }

    public World World { get; }

    public Host Host { get; private set; }

    /// <summary>Whether the run that just ended was the replay with the lanes of before, to its end.</summary>
    public bool HasReplayed { get; private set; }

    /// <summary>All is read, settled and checkpointed, and nothing is on its way.</summary>
    public bool IsComplete => Place.Of(World.Durable.Partitions) == World.Log.Last && Host.Lanes.All(sink => sink.All(lane => lane.IsIdle)) && !Host.IsCommitting && Host.Source.Next > World.Log.Last;

    /// <summary>Takes a step. After one that ends the host only the world is left, and another player goes on.</summary>
    /// <param name="step">Which.</param>
    /// <param name="isKnown">Whether it was taken before, and judged.</param>
    public void Take(Step step, bool isKnown = false)
    {
        switch (step.Kind)
        {
            case StepKind.Read:
                Host.Source.Yield(step.Count);
                break;
            case StepKind.Write:
                Host.Lanes[step.Sink][step.Lane].Write();
                break;
            case StepKind.Settle:
                Host.Lanes[step.Sink][step.Lane].Settle();
                break;
            case StepKind.Commit:
                Host.Commit();
                break;
            case StepKind.SaveFails:
                World.FailedSaves--;
                Host.Store.Refuses = true;
                Host.Commit();
                Host.Store.Refuses = false;
                break;
            case StepKind.Confirm:
                Host.Source.Confirm();
                break;
            case StepKind.Persist:
                World.Persist();
                break;
            case StepKind.SourceCrash:
                World.CrashSource();
                Host.Source.Disconnect();
                break;
            case StepKind.Stop:
                World.Stop();
                Host.Source.Stop();
                break;
            case StepKind.StopCaughtUp:
                HasReplayed = true;
                Host.Source.Stop();
                break;
            case StepKind.LateLetter:
                World.Bury(step.Sink, Host.Lanes[step.Sink][step.Lane].Sink.Late.Dequeue());
                break;
            case StepKind.LateSave:
                Host.Store.SaveLate();
                break;
            default:
                End(step);
                return;
        }

        _context.Drain();
        Host.Settle();
        if (World.Unseen is { } violation)
        {
            throw violation;
        }

        if (!isKnown)
        {
            Judge();
        }
    }

    /// <summary>What may happen now.</summary>
    /// <exception cref="Violation">Nothing can, and not all is done.</exception>
    public List<Step> Next()
    {
        var steps = new List<Step>();
        if (Host.Source.CanYield)
        {
            steps.AddRange(_scope.Readings.Select(count => new Step(StepKind.Read, Count: count)));
        }

        AddLanes(steps);
        AddCommitter(steps);
        if (Host.IsReplay && !Host.Source.IsStopped && Host.Committer.CaughtUp.IsCompleted)
        {
            steps.Add(new Step(StepKind.StopCaughtUp));
        }

        if (Host.IsDrained)
        {
            steps.Add(new Step(StepKind.Finish));
        }

        Violation.Unless(steps.Count > 0 || IsComplete, "I6", $"nothing can happen, and not all is delivered, checkpointed and confirmed");
        AddFromOutside(steps);
        return steps;
    }

    void AddLanes(List<Step> steps)
    {
        for (var sink = 0; sink < Host.Lanes.Length; sink++)
        {
            for (var lane = 0; lane < Host.Lanes[sink].Length; lane++)
            {
                var its = Host.Lanes[sink][lane];
                if (its.CanWrite)
                {
                    steps.Add(new Step(StepKind.Write, (byte)sink, (byte)lane));
                }

                if (its.CanSettle)
                {
                    steps.Add(new Step(StepKind.Settle, (byte)sink, (byte)lane));
                }

                if (its.Sink.Late.Count > 0)
                {
                    steps.Add(new Step(StepKind.LateLetter, (byte)sink, (byte)lane));
                }
            }
        }
    }

    void AddCommitter(List<Step> steps)
    {
        if (!Host.IsCommitting && Host.Store.Late is null && Host.HasReached)
        {
            steps.Add(new Step(StepKind.Commit));
        }

        if (Host.Store.Late is not null)
        {
            steps.Add(new Step(StepKind.LateSave));
        }

        if (Host.Source.IsAcknowledging)
        {
            steps.Add(new Step(StepKind.Confirm));
        }

        // What is persisted is read only when the source crashes.
        if (World.SourceCrashes > 0 && World.Confirmed > World.Persisted)
        {
            steps.Add(new Step(StepKind.Persist));
        }
    }

    void AddFromOutside(List<Step> steps)
    {
        if (World.HostCrashes > 0)
        {
            steps.Add(new Step(StepKind.HostCrash));
            if (World.LaneChanges > 0)
            {
                steps.Add(new Step(StepKind.HostCrashAndOtherLanes));
            }

            if (_scope.DiesWhileSaving && !Host.IsCommitting && Host.HasReached)
            {
                steps.AddRange(Enumerable.Range(1, 4).Select(at => new Step(StepKind.CrashWhileSaving, Count: (byte)at)));
            }
        }

        if (World.SourceCrashes > 0)
        {
            steps.Add(new Step(StepKind.SourceCrash));
        }

        if (World.Stops > 0 && !Host.Source.IsStopped)
        {
            steps.Add(new Step(StepKind.Stop));
        }

        if (World.FailedSaves > 0 && !Host.IsCommitting && Host.HasReached)
        {
            steps.Add(new Step(StepKind.SaveFails));
        }
    }

    void End(Step step)
    {
        if (step.Kind == StepKind.Finish)
        {
            Host.Rest();
            World.EndCleanly((Host.Source.Next - 1) / 2);
            Invariants.Judge(Host, World);
        }
        else
        {
            if (step.Kind == StepKind.CrashWhileSaving)
            {
                DieWhileSaving((RealDisk)_disk, step.Count);
            }

            World.CrashHost(step.Kind == StepKind.HostCrashAndOtherLanes);
            HasReplayed = false;
        }

        _context.Clear();
    }

    void DieWhileSaving(RealDisk disk, int at)
    {
        disk.DiesAt = at;
        Host.Commit();
        disk.DiesAt = 0;
        // The world learns from the disk how far it got.
        if (disk.Checkpoints(World).Load() is var found && found.Generation > World.Durable.Generation)
        {
            World.Saved(World.Epoch, found);
        }
    }

    void Judge()
    {
        Invariants.Judge(Host, World);
        var settled = Host.Ledger.Settled();
        Violation.Unless(settled >= _settled, "I7", $"the watermark fell from {_settled} to {settled}");
        _settled = settled;
    }
}
