using System.Net;
using Npgsql;

namespace Penstock.Sources.PostgresWal;

/// <summary>Who reads a slot just now.</summary>
/// <param name="Pid">The server's process for it.</param>
/// <param name="Application">What it calls itself; null when the role may not see it.</param>
/// <param name="Address">Where it comes from; null through a Unix socket, or when the role may not see it.</param>
sealed record SlotOwner(int Pid, string? Application, IPAddress? Address)
{
    const string Query = """
        SELECT s.active_pid, a.application_name, a.client_addr
        FROM pg_catalog.pg_replication_slots s
        LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = s.active_pid
        WHERE s.slot_name = $1 AND s.slot_type = 'logical' AND s.active_pid IS NOT NULL
        """;

    /// <summary>Null when nobody does.</summary>
    public static async ValueTask<SlotOwner?> ReadAsync(NpgsqlConnection connection, string slot, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(Query, connection) { Parameters = { new() { Value = slot } } };
        await using var _ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        return await reader.ReadAsync(cancellationToken).ConfigureAwait(false)
            ? new SlotOwner(
                reader.GetInt32(0), reader.IsDBNull(1) ? null : reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetFieldValue<IPAddress>(2))
            : null;
    }

    public override string ToString() =>
        $"pid {Pid}, application \"{Application ?? "unknown"}\", client {Address?.ToString() ?? "unknown, or on the server's own machine"}";
}
