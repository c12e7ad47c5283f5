using Npgsql;
using NpgsqlTypes;

namespace Penstock.Sources.PostgresWal;

/// <summary>The slot as the server saw it at one moment.</summary>
/// <param name="SystemId">Whose slot it is.</param>
/// <param name="ConfirmedLsn">What the server was told to be settled.</param>
/// <param name="Lag">WAL written since then, in bytes.</param>
/// <param name="Retained">WAL that the server must keep for it, in bytes.</param>
/// <param name="WalStatus">reserved, extended, unreserved or lost.</param>
/// <param name="IsStandby">Whether the server is a standby, of which slots are not to be dropped.</param>
/// <param name="Safe">What may be written before the slot can be lost, in bytes; null without max_slot_wal_keep_size.</param>
sealed record SlotReading(ulong SystemId, ulong ConfirmedLsn, long Lag, long Retained, string WalStatus, long? Safe, bool IsStandby)
{
    // A slot that is lost has no restart_lsn: it keeps nothing.
    const string Query = """
        SELECT (SELECT system_identifier FROM pg_catalog.pg_control_system()),
               s.confirmed_flush_lsn,
               pg_wal_lsn_diff(now.lsn, s.confirmed_flush_lsn)::bigint,
               coalesce(pg_wal_lsn_diff(now.lsn, s.restart_lsn)::bigint, 0),
               coalesce(s.wal_status, 'lost'),
               s.safe_wal_size,
               pg_is_in_recovery()
        FROM (SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END AS lsn) now
        CROSS JOIN pg_catalog.pg_replication_slots s
        WHERE s.slot_name = $1 AND s.slot_type = 'logical'
        """;

    /// <summary>What there is to measure it by; null when there is no such slot.</summary>
    public static async ValueTask<SlotReading?> ReadAsync(NpgsqlConnection connection, string slot, int timeoutSeconds, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(Query, connection) { CommandTimeout = timeoutSeconds, Parameters = { new() { Value = slot } } };
        await using var _ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        return await reader.ReadAsync(cancellationToken).ConfigureAwait(false)
            ? new SlotReading(
                unchecked((ulong)reader.GetInt64(0)),
                (ulong)reader.GetFieldValue<NpgsqlLogSequenceNumber>(1),
                Math.Max(0, reader.GetInt64(2)),
                Math.Max(0, reader.GetInt64(3)),
                reader.GetString(4),
                reader.IsDBNull(5) ? null : reader.GetInt64(5),
                reader.GetBoolean(6))
            : null;
    }
}
