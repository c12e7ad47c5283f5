using Penstock.Runtime.DeadLetters;
using Penstock.Runtime.Routing;
using Penstock.Runtime.Settlement;

namespace Penstock.Runtime.Tests.Model;

/// <summary>Everything that outlives a host: the source's server, the sinks' servers, the host's disk. Judges each change of it.</summary>
sealed class World
{
    public World(Scope scope, SourceLog log)
    {
        Scope = scope;
        Log = log;
        Counts = [.. scope.Sinks.Select(_ => new int[scope.Events + 1])];
        Dead = [.. scope.Sinks.Select(_ => new bool[scope.Events + 1])];
        Stored = [.. scope.Sinks.Select(sink => new int[sink.MaxLanes])];
        DeadCount = new int[scope.Sinks.Count];
        Letters = new byte[scope.Sinks.Count][];
        (HostCrashes, SourceCrashes, Stops, LaneChanges, FailedSaves) = (scope.HostCrashes, scope.SourceCrashes, scope.Stops, scope.LaneChanges, scope.FailedSaves);
    }

    World(World other)
    {
        Scope = other.Scope;
        Log = other.Log;
        Counts = [.. other.Counts.Select(counts => (int[])counts.Clone())];
        Dead = [.. other.Dead.Select(dead => (bool[])dead.Clone())];
        Stored = [.. other.Stored.Select(stored => (int[])stored.Clone())];
        DeadCount = (int[])other.DeadCount.Clone();
        Letters = (byte[]?[])other.Letters.Clone();
        Checkpoints = (byte[]?[])other.Checkpoints.Clone();
        Durable = other.Durable;
        (Confirmed, Persisted, HighestRead, Epoch) = (other.Confirmed, other.Persisted, other.HighestRead, other.Epoch);
        (HasOtherLanes, MayRepeat) = (other.HasOtherLanes, other.MayRepeat);
        (HostCrashes, SourceCrashes, Stops, LaneChanges, FailedSaves) = (other.HostCrashes, other.SourceCrashes, other.Stops, other.LaneChanges, other.FailedSaves);
    }

    public Scope Scope { get; }

    public SourceLog Log { get; }

    /// <summary>Per sink and event how often it landed; two stands for more.</summary>
    public int[][] Counts { get; }

    /// <summary>Per sink and event whether it is an open dead letter on disk.</summary>
    public bool[][] Dead { get; }

    /// <summary>Per sink how many those are.</summary>
    public int[] DeadCount { get; }

    /// <summary>Per resumable sink and lane the place it stores with its data.</summary>
    public int[][] Stored { get; }

    /// <summary>Per sink the bytes of its dead letters, where they are kept here.</summary>
    public byte[]?[] Letters { get; }

    /// <summary>The bytes of two generations, where they are kept here.</summary>
    public byte[]?[] Checkpoints { get; } = new byte[2][];

    /// <summary>The newest checkpoint on disk.</summary>
    public Checkpoint Durable { get; private set; } = Checkpoint.None;

    public int Confirmed { get; private set; }

    public int Persisted { get; private set; }

    /// <summary>The last event that any host read.</summary>
    public int HighestRead { get; set; }

    public int Epoch { get; private set; }

    /// <summary>Whether the config has the sinks' later lanes.</summary>
    public bool HasOtherLanes { get; private set; }

    /// <summary>After which event, and up to which, a crash lets events come again; what a host received that then stopped cleanly may not.</summary>
    public (int After, int UpTo) MayRepeat { get; private set; }

    public int HostCrashes { get; private set; }

    public int SourceCrashes { get; private set; }

    public int Stops { get; private set; }

    public int LaneChanges { get; private set; }

    public int FailedSaves { get; set; }

    /// <summary>A violation that the production code would take for a failure of a plugin, and try again.</summary>
    public Violation? Unseen { get; set; }

    /// <summary>Has the host that runs look for new letters of a sink: one is durable before the next event of its batch is written.</summary>
    public Action<int> SeeLetters { get; set; } = _ => { };

    public World Copy() => new(this);

    public int BeginHost() => ++Epoch;

    public bool IsTerminal(int sink, int number) => Counts[sink][number] > 0 || Dead[sink][number];

    /// <summary>A sink's server makes an event durable, together with its lane's position.</summary>
    public void Land(int epoch, int sink, int lane, int number)
    {
        Violation.Unless(epoch == Epoch, "I11", $"host {epoch} wrote while host {Epoch} runs");
        Violation.Unless(number <= HighestRead, "I13", $"{number} landed before it was read");
        var counts = Counts[sink];
        if (counts[number] > 0)
        {
            Violation.Unless(!Scope.Sinks[sink].IsResumable, "I5", $"{number} is twice in {Scope.Sinks[sink].Name}, which stores positions");
            Violation.Unless(number <= MayRepeat.UpTo, "I4", $"{number} came to {Scope.Sinks[sink].Name} again, and no crash explains it: read was {MayRepeat.UpTo}");
            Violation.Unless(number > MayRepeat.After, "I14", $"{number} came to {Scope.Sinks[sink].Name} again after a clean stop");
        }
        else
        {
            JudgeOrder(sink, number);
        }

        counts[number] = Math.Min(2, counts[number] + 1);
        Stored[sink][lane] = Math.Max(Stored[sink][lane], Place.OfEvent(number));
    }

    /// <summary>An event is among a sink's dead letters.</summary>
    public void Bury(int sink, int number)
    {
        DeadCount[sink] += Dead[sink][number] ? 0 : 1;
        Dead[sink][number] = true;
    }

    public void Saved(int epoch, Checkpoint checkpoint)
    {
        Violation.Unless(epoch == Epoch, "I11", $"host {epoch} saved while host {Epoch} runs");
        Violation.Unless(checkpoint.Generation > Durable.Generation, "I7", $"a checkpoint has no newer generation");
        Violation.Unless(Place.Of(checkpoint.Partitions) >= Place.Of(Durable.Partitions), "I7", $"the checkpoint fell");
        Durable = checkpoint;
    }

    public void Confirm(int epoch, int place)
    {
        Violation.Unless(epoch == Epoch, "I11", $"host {epoch} acknowledged while host {Epoch} runs");
        Confirmed = Math.Max(Confirmed, place);
    }

    public void Persist() => Persisted = Confirmed;

    public void CrashSource()
    {
        SourceCrashes--;
        Confirmed = Persisted;
    }

    public void Stop() => Stops--;

    public void CrashHost(bool changesLanes)
    {
        HostCrashes--;
        LaneChanges -= changesLanes ? 1 : 0;
        HasOtherLanes |= changesLanes;
        MayRepeat = (0, HighestRead);
    }

    /// <summary>A host stopped and delivered all that it received, which ends with this event.</summary>
    public void EndCleanly(int received) => MayRepeat = (Math.Max(received, MayRepeat.After), MayRepeat.UpTo);

    void JudgeOrder(int sink, int number)
    {
        if (Scope.Sinks[sink].Ordering == Ordering.None)
        {
            return;
        }

        for (var before = 1; before < number; before++)
        {
            if (Scope.Keys[before - 1] == Scope.Keys[number - 1])
            {
                Violation.Unless(IsTerminal(sink, before), "I3", $"{Scope.Sinks[sink].Name} has {number} before {before}, of the same key");
                Violation.Unless(
                    Scope.Sinks[sink].SameKey == SameKeyPolicy.Continue || !Dead[sink][before],
                    "I3",
                    $"{Scope.Sinks[sink].Name} got {number} while {before}, of the same key, is a dead letter");
            }
        }
    }
}
