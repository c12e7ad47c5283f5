namespace Penstock.Sources.PostgresWal;

/// <summary>What <c>penstock check</c> says of the slot.</summary>
static class SlotCheck
{
    public static void Run(PostgresWalOptions options, SlotFacts? slot, SlotOwner? owner, bool isBehind, string? oldest, CheckReport report)
    {
        switch (slot)
        {
            case null when options.CreateSlot:
                report.Fact($"slot \"{options.Slot}\" does not exist; a run creates it, and reads from there");
                if (oldest is not null)
                {
                    report.Warn(
                        $"creating slot \"{options.Slot}\" waits for the transactions that are open; the oldest one: {oldest}",
                        "end it, or wait: SELECT pid, xact_start, state FROM pg_stat_activity WHERE xact_start IS NOT NULL ORDER BY xact_start;");
                }

                break;
            case { IsLost: true }:
                report.Fail(
                    $"slot \"{options.Slot}\" is lost: the server removed WAL that it still needed ({slot.LostBy})",
                    $"SELECT pg_drop_replication_slot('{options.Slot}'); changes up to its recreation are gone");
                break;
            case { WalStatus: "unreserved" }:
                report.Warn(
                    $"slot \"{options.Slot}\" is about to be lost: it needs WAL beyond max_slot_wal_keep_size, which goes at the next checkpoint",
                    "let the source read at once, or raise max_slot_wal_keep_size");
                break;
            case not null:
                report.Fact($"slot \"{options.Slot}\" stands at {Lsn.Format(slot.ConfirmedLsn)}");
                break;
        }

        if (owner is not null)
        {
            report.Warn($"slot \"{options.Slot}\" is read just now by {owner}: a run stands by until it is free", "give each source its own \"slot\", unless this one is to take over");
        }

        if (isBehind)
        {
            report.Warn(
                $"publication \"{options.Publication}\" was made, or altered, after where slot \"{options.Slot}\" stands: if it was made then, what was committed before is not sent",
                $"{PublicationAge.Remedy(options.Slot)} so that a run makes both in order; if it was only altered, nothing");
        }
    }
}
