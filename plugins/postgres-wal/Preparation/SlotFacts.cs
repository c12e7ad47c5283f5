using Npgsql;
using NpgsqlTypes;

namespace Penstock.Sources.PostgresWal;

/// <summary>
/// A replication slot as the server shows it. <paramref name="Plugin"/> and <paramref name="Database"/> are null for a physical one.
/// </summary>
sealed record SlotFacts(string? Plugin, string? Database, ulong ConfirmedLsn, string? WalStatus, bool IsFailover, string? InvalidatedBy)
{
    // Through JSON, since older servers do not have the last two columns.
    const string Query = """
        SELECT plugin::text, database::text, confirmed_flush_lsn, wal_status,
               coalesce((to_jsonb(s) ->> 'failover')::boolean, false), to_jsonb(s) ->> 'invalidation_reason'
        FROM pg_catalog.pg_replication_slots s
        WHERE slot_name = $1
        """;

    /// <summary>The setting that lost it; for other causes, the server's word.</summary>
    public string LostBy => InvalidatedBy is null or "wal_removed" ? "max_slot_wal_keep_size" : InvalidatedBy;

    /// <summary>Whether the server has removed WAL that the slot still needed.</summary>
    public bool IsLost => WalStatus == "lost";

    public static async ValueTask<SlotFacts?> ReadAsync(NpgsqlConnection connection, string slot, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(Query, connection) { Parameters = { new() { Value = slot } } };
        await using var _ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        return new SlotFacts(
            reader.IsDBNull(0) ? null : reader.GetString(0),
            reader.IsDBNull(1) ? null : reader.GetString(1),
            reader.IsDBNull(2) ? 0 : (ulong)reader.GetFieldValue<NpgsqlLogSequenceNumber>(2),
            reader.IsDBNull(3) ? null : reader.GetString(3),
            reader.GetBoolean(4),
            reader.IsDBNull(5) ? null : reader.GetString(5));
    }
}
