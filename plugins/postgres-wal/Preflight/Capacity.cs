using Npgsql;

namespace Penstock.Sources.PostgresWal;

/// <summary>What the server has left for a slot and its reader, and who we are to it.</summary>
sealed record Capacity(bool IsSuperuser, bool MayCreate, long MaxSlots, long Slots, long MaxSenders, long Senders, string MaxRetained, bool ReadsHistory, long Standbys, string SynchronizedStandbys)
{
    const string Query = """
        SELECT (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user),
               has_database_privilege(current_database(), 'CREATE'),
               current_setting('max_replication_slots')::bigint,
               (SELECT count(*) FROM pg_catalog.pg_replication_slots),
               current_setting('max_wal_senders')::bigint,
               (SELECT count(*) FROM pg_catalog.pg_stat_replication),
               current_setting('max_slot_wal_keep_size'),
               has_function_privilege('pg_catalog.pg_read_file(text)', 'EXECUTE'),
               (SELECT count(*) FROM pg_catalog.pg_replication_slots WHERE slot_type = 'physical'),
               coalesce(current_setting('synchronized_standby_slots', true), '')
        """;

    public static async ValueTask<Capacity> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(Query, connection);
        await using var _ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return new Capacity(
            reader.GetBoolean(0), reader.GetBoolean(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5), reader.GetString(6), reader.GetBoolean(7),
            reader.GetInt64(8), reader.GetString(9));
    }
}
