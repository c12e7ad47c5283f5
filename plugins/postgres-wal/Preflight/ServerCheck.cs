namespace Penstock.Sources.PostgresWal;

/// <summary>What <c>penstock check</c> says of the server: room, role, how much WAL a slot may keep.</summary>
static class ServerCheck
{
    // The community mends a version for five years.
    const int OldestMaintained = 15;

    public static void Run(ServerFacts server, Capacity capacity, SlotFacts? slot, CheckReport report)
    {
        if (server.Version < OldestMaintained)
        {
            report.Warn($"PostgreSQL {server.Version} gets no more security fixes", $"upgrade to {OldestMaintained} or later");
        }

        if (slot is null && capacity.Slots >= capacity.MaxSlots)
        {
            report.Fail(
                $"all {capacity.MaxSlots} replication slots are taken",
                "drop one that nobody reads (SELECT slot_name FROM pg_replication_slots WHERE NOT active;), or raise max_replication_slots and restart the server");
        }

        if (capacity.Senders >= capacity.MaxSenders)
        {
            report.Fail($"all {capacity.MaxSenders} WAL senders are in use", "raise max_wal_senders and restart the server");
        }

        if (capacity.IsSuperuser)
        {
            report.Warn(
                $"role \"{server.Role}\" is a superuser, which this source does not need",
                "CREATE ROLE penstock LOGIN REPLICATION PASSWORD '…'; and let the tables' owner create the publication");
        }

        if (!capacity.ReadsHistory)
        {
            report.Warn(
                $"role \"{server.Role}\" cannot read a timeline's history: after a failover the source stops, since nobody knows whether the new primary had everything",
                $"GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_file(text) TO {Sql.Quote(server.Role)};");
        }

        if (server.WalSenderTimeout == TimeSpan.Zero)
        {
            report.Warn(
                "wal_sender_timeout is 0: the server never notices a reader whose network is gone, and keeps the slot for it",
                "ALTER SYSTEM SET wal_sender_timeout = '60s'; SELECT pg_reload_conf();");
        }

        if (capacity.MaxRetained == "-1")
        {
            report.Warn(
                "max_slot_wal_keep_size is -1: while this source does not read, its slot keeps WAL until the disk is full",
                "ALTER SYSTEM SET max_slot_wal_keep_size = '50GB'; SELECT pg_reload_conf(); with what the disk can spare; a slot that needs more is lost, and the source stops");
        }
    }
}
