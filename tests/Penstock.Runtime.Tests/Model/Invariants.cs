using Penstock.Runtime.DeadLetters;
using Penstock.Runtime.Settlement;

namespace Penstock.Runtime.Tests.Model;

/// <summary>What has to hold after every step, and where it is judged.</summary>
/// <remarks>
/// <list type="table">
/// <item><term>I1</term><description>confirmed ≤ checkpoint: here</description></item>
/// <item><term>I2</term><description>what is confirmed, checkpointed, or below a sink's cursor is in the sink or among its letters: here</description></item>
/// <item><term>I3</term><description>first deliveries in order per key, none past an open letter that parks: <see cref="World.Land"/></description></item>
/// <item><term>I4</term><description>what comes again lies above the sink's cursor (<see cref="Host"/>) and was read before the crash (<see cref="World.Land"/>)</description></item>
/// <item><term>I5</term><description>a sink that stores positions has each event once: <see cref="World.Land"/></description></item>
/// <item><term>I6</term><description>something can happen until all is done (<see cref="Player.Next"/>), and it comes to its end (<see cref="RandomRun"/>)</description></item>
/// <item><term>I7</term><description>the watermark never falls within a run (<see cref="Player"/>), the checkpoint never at all (<see cref="World.Saved"/>)</description></item>
/// <item><term>I8</term><description>bounds of events, of bytes, and of a lane: here</description></item>
/// <item><term>I9, I10</term><description>speak of sources: ResumeTests of PostgreSQL, DisconnectTests and DowntimeTests of Redis</description></item>
/// <item><term>I11</term><description>a host that is gone changes nothing: every change of <see cref="World"/>. Two hosts at once: the lock of the state directory</description></item>
/// <item><term>I12</term><description>the books balance, and agree with what is in the lanes: here</description></item>
/// <item><term>I13</term><description>no stored position and no checkpoint is ahead of what was read, no checkpoint claims more than a lane holds: here</description></item>
/// <item><term>I14</term><description>nothing comes again that a host received which then stopped cleanly: <see cref="World.Land"/></description></item>
/// </list>
/// </remarks>
static class Invariants
{
    public static void Judge(Host host, World world)
    {
        var checkpoint = Place.Of(world.Durable.Partitions);
        Violation.Unless(world.Confirmed <= checkpoint, "I1", $"{world.Confirmed} is confirmed, the checkpoint is {checkpoint}");
        for (var sink = 0; sink < world.Scope.Sinks.Count; sink++)
        {
            var name = world.Scope.Sinks[sink].Name;
            var cursor = world.Durable.CursorOf(name);
            JudgeTerminal(world, sink, world.Confirmed, "confirmed");
            JudgeTerminal(world, sink, checkpoint, "checkpointed");
            JudgeTerminal(world, sink, Place.Of(cursor?.Settled ?? []), "below the sink's cursor");
            JudgeHeld(world, sink, cursor);
            JudgeBooks(host, sink, name);
        }

        JudgeBounds(host, world);
        Violation.Unless(checkpoint <= Place.OfWatermark(world.HighestRead), "I13", $"the checkpoint is {checkpoint}, read is {world.HighestRead}");
    }

    /// <summary>What the letters on disk say, when there are more than before.</summary>
    public static void SeeLetters(Host host, World world, Disk disk, int sink)
    {
        if (host.Letters[sink].OpenCount <= world.DeadCount[sink])
        {
            return;
        }

        var journal = DeadLetterJournal.In(disk.Letters(world), "p", world.Scope.Sinks[sink].Name);
        foreach (var letter in journal.ReadOpen(damage => throw new Violation("I12", damage)))
        {
            world.Bury(sink, (int)(letter.Head.Position.Order >> 64));
        }

        disk.LettersGrew(world, sink);
    }

    static void JudgeTerminal(World world, int sink, int place, string what)
    {
        for (var number = 1; Place.OfEvent(number) < place; number++)
        {
            Violation.Unless(world.IsTerminal(sink, number), "I2", $"{number} is {what} ({place}), and {world.Scope.Sinks[sink].Name} does not have it");
        }
    }

    // What the checkpoint says that a lane holds is in the sink, else the next start would see a loss.
    static void JudgeHeld(World world, int sink, SinkCursor? cursor)
    {
        foreach (var (lane, held) in (cursor?.Held ?? []).Index())
        {
            Violation.Unless(Place.Of(held) <= world.Stored[sink][lane], "I13", $"the checkpoint has lane {lane} hold {Place.Of(held)}, it holds {world.Stored[sink][lane]}");
        }
    }

    static void JudgeBooks(Host host, int sink, string name)
    {
        var feeds = host.Routes[sink].Feeds;
        var books = new Books(
            "s", name, host.Ledger.Read, feeds.Sum(feed => feed.Delivered), host.Routes[sink].Skipped, feeds.Sum(feed => feed.DeadLettered), feeds.Sum(feed => feed.InFlight));
        Violation.Unless(books.Balance, "I12", $"{books}");
        var inLanes = host.Lanes[sink].Sum(lane => lane.Waiting.Count + lane.Open.Length);
        Violation.Unless(books.InFlight == inLanes, "I12", $"{name}: {books.InFlight} are in flight by the books, {inLanes} are in lanes");
    }

    static void JudgeBounds(Host host, World world)
    {
        var limit = world.Scope.MaxInFlight;
        var open = host.Ledger.Read - host.Ledger.Settled();
        Violation.Unless(open <= limit, "I8", $"{open} events are in flight, the bound is {limit}");
        foreach (var feed in host.Routes.SelectMany(route => route.Feeds))
        {
            Violation.Unless(feed.InFlight <= feed.MaxEvents, "I8", $"{feed.InFlight} events are in one lane, the bound is {feed.MaxEvents}");
        }

        Violation.Unless(host.InFlight.Bytes <= limit * (long)world.Scope.Sinks.Count * 256 || host.Decoy is not null, "I8", $"{host.InFlight.Bytes} bytes are in flight");
    }
}
