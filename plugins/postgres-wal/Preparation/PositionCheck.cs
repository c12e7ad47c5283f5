namespace Penstock.Sources.PostgresWal;

/// <summary>
/// Compares the slot with what the host has. The server does not: asked for a position before the slot's, it skips ahead without a word.
/// </summary>
static class PositionCheck
{
    const string Accept = "To go on without them, reset this source: penstock positions reset PIPELINE/SOURCE --to start. It then starts where the slot stands; \"onPositionLost\": \"acceptLoss\" does so by itself.";

    /// <param name="slot">Its name.</param>
    /// <param name="resume">What the host has.</param>
    /// <param name="server">What the server has.</param>
    /// <param name="facts">The slot; null when there is none.</param>
    /// <param name="timelineEnd">Where the server left the timeline of the checkpoint; null when it did not.</param>
    /// <exception cref="PluginException">The server no longer has what follows the position.</exception>
    public static void Run(string slot, ResumePoint resume, ServerFacts server, SlotFacts? facts, ulong? timelineEnd)
    {
        var floor = Lsn.Format(resume.Floor);
        CheckIdentity(resume, server, timelineEnd);
        if (facts is { IsLost: true })
        {
            throw Lost(
                $"Slot \"{slot}\" is lost: the server removed WAL after {(resume.IsKnown ? floor : Lsn.Format(facts.ConfirmedLsn))} that the slot still needed "
                + $"({facts.LostBy}). Drop it with SELECT pg_drop_replication_slot('{slot}'); changes up to its recreation are gone. {Accept}");
        }

        if (!resume.IsKnown)
        {
            return;
        }

        if (facts is null)
        {
            throw Lost(
                $"Slot \"{slot}\" does not exist any more, but the checkpoint stands at {floor}: changes since then cannot be read. "
                + $"Dropped, or a replica without the slot took over? {Accept}");
        }

        if (facts.ConfirmedLsn > resume.Floor)
        {
            throw Lost(
                $"Slot \"{slot}\" stands at {Lsn.Format(facts.ConfirmedLsn)}, after the checkpoint at {floor}: the changes between are gone. "
                + $"The slot was recreated, advanced, or read by somebody else. {Accept}");
        }

        if (resume.Reach > server.FlushedLsn && server.IsStandby)
        {
            // After a crash it lets in readers before it is where it was.
            throw new PluginException(
                FailureKind.Transient, $"The standby has replayed up to {Lsn.Format(server.FlushedLsn)}, which is before the checkpoint at {Lsn.Format(resume.Reach)}; waiting for it.");
        }

        if (resume.Reach > server.FlushedLsn)
        {
            throw Lost(
                $"The checkpoint at {Lsn.Format(resume.Reach)} lies after the end of the server's WAL at {Lsn.Format(server.FlushedLsn)}: the server was restored from a backup, "
                + $"or is another one, and new changes would be skipped up to there. {Accept}");
        }
    }

    // A restored or promoted server may long have passed the checkpoint's position again, with other changes.
    static void CheckIdentity(ResumePoint resume, ServerFacts server, ulong? timelineEnd)
    {
        var (before, now) = (resume.State.Server, server.Identity);
        if (!before.IsKnown || before == now)
        {
            return;
        }

        var floor = Lsn.Format(resume.Floor);
        if (before.SystemId != now.SystemId)
        {
            throw Lost(
                $"The checkpoint at {floor} is of the server with system identifier {before.SystemId}, found {now.SystemId}: this is another cluster, in which that "
                + $"position means nothing. Did the connection string change, or was the database restored from a dump? {Accept}");
        }

        if (before.Timeline == 0 || now.Timeline == 0 || before.Timeline == now.Timeline)
        {
            return;
        }

        if (before.Timeline > now.Timeline)
        {
            throw Lost(
                $"The checkpoint at {floor} is of timeline {before.Timeline}, found timeline {now.Timeline}: the server was restored from an older backup, or is the primary "
                + $"of before a failover. {Accept}");
        }

        if (timelineEnd is not { } end)
        {
            throw Lost(
                $"The checkpoint at {floor} is of timeline {before.Timeline}, from which the server's timeline {now.Timeline} does not come: it was restored from an older "
                + $"backup. {Accept}");
        }

        if (end < resume.Reach)
        {
            throw Lost(
                $"The server left timeline {before.Timeline} at {Lsn.Format(end)}, before the checkpoint at {Lsn.Format(resume.Reach)}: a replica that lagged took over, or a backup was restored. "
                + $"The changes between, which were delivered, do not exist there, and others have their place. {Accept}");
        }
    }

    static PluginException Lost(string message) => new(FailureKind.PositionLost, message);
}
