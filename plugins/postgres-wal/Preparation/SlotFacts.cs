using Npgsql;
using NpgsqlTypes;

namespace Penstock.Sources.PostgresWal;

/// <summary>A replication slot as the server shows it. <paramref name="Plugin"/> and <paramref name="Database"/> are null for a physical one.</summary>
sealed record SlotFacts(string? Plugin, string? Database, ulong ConfirmedLsn, string? WalStatus)
{
    const string Query = """
        SELECT plugin::text, database::text, confirmed_flush_lsn, wal_status
        FROM pg_catalog.pg_replication_slots
        WHERE slot_name = $1
        """;

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
            reader.IsDBNull(3) ? null : reader.GetString(3));
    }
}
