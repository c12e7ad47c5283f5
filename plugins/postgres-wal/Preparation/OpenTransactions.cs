using Npgsql;

namespace Penstock.Sources.PostgresWal;

/// <summary>The transactions that a new slot has to wait for: it begins where none is open that began before it.</summary>
static class OpenTransactions
{
    // Short ones come and go all the time.
    const string Lasting = "AND (a.state LIKE 'idle in transaction%' OR clock_timestamp() - a.xact_start > interval '5 s')";

    const string Query = """
        SELECT a.pid, extract(epoch FROM clock_timestamp() - a.xact_start)::bigint, coalesce(a.state, 'unknown'), a.application_name
        FROM pg_catalog.pg_stat_activity a
        WHERE a.backend_xid IS NOT NULL AND a.pid <> pg_backend_pid()

        """;

    const string OldestFirst = " ORDER BY a.xact_start LIMIT 1";

    /// <summary>The oldest one, such as <c>pid 4711 ("pgbench"), open for 630 s, idle in transaction</c>; null when none is open, or none may be seen.</summary>
    public static ValueTask<string?> OldestAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        ReadAsync(new NpgsqlCommand(Query + OldestFirst, connection), cancellationToken);

    /// <summary>The same, of those that are idle or have been open for long.</summary>
    public static ValueTask<string?> LastingAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        ReadAsync(new NpgsqlCommand(Query + Lasting + OldestFirst, connection), cancellationToken);

    static async ValueTask<string?> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var _ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        return await reader.ReadAsync(cancellationToken).ConfigureAwait(false)
            ? $"pid {reader.GetInt32(0)} (\"{reader.GetString(3)}\"), open for {reader.GetInt64(1)} s, {reader.GetString(2)}"
            : null;
    }

    /// <summary>Says for whom the slot waited. Over a connection of its own: the one that waited is broken.</summary>
    public static async ValueTask<PluginException> ExplainAsync(
        string slot, ConnectionSettings settings, Exception timeout, CancellationToken cancellationToken)
    {
        var connection = await settings.OpenCatalogAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var oldest = await OldestAsync(connection, cancellationToken).ConfigureAwait(false);
        return new PluginException(
            FailureKind.Transient,
            $"Slot \"{slot}\" could not be created in time: it waits for the transactions that were open before it; the oldest one: {oldest ?? "not visible to this role"}. "
            + "End it, or find all with SELECT pid, xact_start, state FROM pg_stat_activity WHERE xact_start IS NOT NULL ORDER BY xact_start;",
            timeout);
    }
}
