using Npgsql;
using NpgsqlTypes;

namespace Penstock.Sources.PostgresWal;

/// <summary>What the server and the role are set to.</summary>
sealed record ServerFacts(
    string WalLevel,
    TimeSpan WalSenderTimeout,
    string Role,
    bool CanReplicate,
    string Database,
    string Encoding,
    ulong FlushedLsn,
    ServerIdentity Identity,
    bool IsStandby,
    int Version)
{
    const int OldestWithFailoverSlots = 17;

    // Amazon RDS grants replication through a role instead of the attribute.
    const string Query = """
        SELECT current_setting('wal_level'),
               (SELECT setting::bigint FROM pg_catalog.pg_settings WHERE name = 'wal_sender_timeout'),
               current_user::text,
               EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = current_user AND (rolsuper OR rolreplication))
                   OR EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.rolname = 'rds_replication' AND pg_has_role(r.oid, 'member')),
               current_database()::text,
               current_setting('server_encoding'),
               CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END,
               (SELECT system_identifier FROM pg_catalog.pg_control_system()),
               CASE WHEN pg_is_in_recovery() THEN 0
                    ELSE ('x' || substr(pg_walfile_name(pg_current_wal_flush_lsn()), 1, 8))::bit(32)::int END,
               pg_is_in_recovery()
        """;

    /// <summary>Whether a slot can be one that standbys keep; at a standby none can be made.</summary>
    public bool HasFailoverSlots => Version >= OldestWithFailoverSlots && !IsStandby;

    public static async ValueTask<ServerFacts> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(Query, connection);
        await using var _ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return new ServerFacts(
            reader.GetString(0),
            TimeSpan.FromMilliseconds(reader.GetInt64(1)),
            reader.GetString(2),
            reader.GetBoolean(3),
            reader.GetString(4),
            reader.GetString(5),
            (ulong)reader.GetFieldValue<NpgsqlLogSequenceNumber>(6),
            new ServerIdentity(unchecked((ulong)reader.GetInt64(7)), unchecked((uint)reader.GetInt32(8))),
            reader.GetBoolean(9),
            connection.PostgreSqlVersion.Major);
    }
}
