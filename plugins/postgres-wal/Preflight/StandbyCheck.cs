namespace Penstock.Sources.PostgresWal;

/// <summary>What <c>penstock check</c> says of failovers: of a server that is a standby, and of a slot that none will have.</summary>
static class StandbyCheck
{
    // Logical decoding at a standby came with PostgreSQL 16.
    const int OldestThatDecodes = 16;

    public static void Run(PostgresWalOptions options, ServerFacts server, Capacity capacity, SlotFacts? slot, bool hasPublication, CheckReport report)
    {
        if (server.IsStandby)
        {
            RunAtStandby(options, server, slot, hasPublication, report);
        }
        else if (server.HasFailoverSlots)
        {
            RunAtPrimary(options, capacity, slot, report);
        }
    }

    static void RunAtStandby(PostgresWalOptions options, ServerFacts server, SlotFacts? slot, bool hasPublication, CheckReport report)
    {
        if (server.Version < OldestThatDecodes)
        {
            report.Fail($"the server is a standby, from which PostgreSQL {server.Version} cannot be read", "name the primary in \"connectionString\"");
            return;
        }

        report.Warn(
            "the server is a standby: creating a slot waits until the primary writes (SELECT pg_log_standby_snapshot(); there), the slot cannot be kept over a failover, the "
            + "standby's timeline is not compared with the checkpoint's, and the slot is lost when the primary removes rows that it needs",
            "read from the primary, or set hot_standby_feedback = on here and a physical slot for this standby there");
        if (!hasPublication && options.CreatePublication)
        {
            report.Fail($"publication \"{options.Publication}\" cannot be created at a standby", "create it at the primary");
        }

        if (slot is null)
        {
            report.Fact($"slot \"{options.Slot}\" would be one of this standby alone");
        }
    }

    static void RunAtPrimary(PostgresWalOptions options, Capacity capacity, SlotFacts? slot, CheckReport report)
    {
        if (slot is { IsFailover: false })
        {
            report.Warn(
                $"slot \"{options.Slot}\" is not kept over a failover: a standby that takes over does not have it, and the source stops",
                $"psql \"replication=database dbname=…\" -c 'ALTER_REPLICATION_SLOT {options.Slot} (FAILOVER true)'; and set sync_replication_slots = on at the standby");
        }

        if (capacity is { Standbys: > 0, SynchronizedStandbys: "" })
        {
            report.Warn(
                "synchronized_standby_slots is empty: this source may be sent changes that no standby has yet; if one takes over without them, the source stops",
                "ALTER SYSTEM SET synchronized_standby_slots = '…'; with the standbys' physical slots, then SELECT pg_reload_conf();");
        }
    }
}
