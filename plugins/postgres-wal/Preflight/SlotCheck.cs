namespace Penstock.Sources.PostgresWal;

/// <summary>What <c>penstock check</c> says of the slot.</summary>
static class SlotCheck
{
    public static void Run(PostgresWalOptions options, SlotFacts? slot, CheckReport report)
    {
        switch (slot)
        {
            case null when options.CreateSlot:
                report.Fact($"slot \"{options.Slot}\" does not exist; a run creates it, and reads from there");
                break;
            case { IsLost: true }:
                report.Fail(
                    $"slot \"{options.Slot}\" is lost: the server removed WAL that it still needed (max_slot_wal_keep_size)",
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
    }
}
