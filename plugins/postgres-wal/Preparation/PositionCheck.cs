namespace Penstock.Sources.PostgresWal;

/// <summary>
/// Compares the slot with what the host has. The server does not: asked for a position before the slot's, it skips ahead without a word.
/// </summary>
static class PositionCheck
{
    const string Accept = "To go on without them, reset this source: penstock positions reset PIPELINE/SOURCE --to start. It then starts where the slot stands.";

    /// <exception cref="PluginException">The server no longer has what follows the position.</exception>
    public static void Run(string slot, ResumePoint resume, ServerFacts server, SlotFacts? facts)
    {
        var floor = Lsn.Format(resume.Floor);
        if (facts is { IsLost: true })
        {
            throw Lost(
                $"Slot \"{slot}\" is lost: the server removed WAL after {(resume.IsKnown ? floor : Lsn.Format(facts.ConfirmedLsn))} that the slot still needed "
                + $"(max_slot_wal_keep_size). Drop it with SELECT pg_drop_replication_slot('{slot}'); changes up to its recreation are gone. {Accept}");
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

        if (resume.Floor > server.FlushedLsn)
        {
            throw Lost(
                $"The checkpoint at {floor} lies after the end of the server's WAL at {Lsn.Format(server.FlushedLsn)}: the server was restored from a backup, "
                + $"or is another one, and new changes would be skipped up to there. {Accept}");
        }
    }

    static PluginException Lost(string message) => new(FailureKind.PositionLost, message);
}
