using Microsoft.Extensions.Logging;
using Npgsql;

namespace Penstock.Sources.PostgresWal;

/// <summary>
/// Waits for transactions that the stream may have told of before anybody remembered their changes, while nobody sees them yet: between the
/// commit's record in the WAL and the moment at which it is visible lies at least a moment, and with synchronous replication a standby's answer.
/// </summary>
static class Settling
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    // A transaction that writes has a lock on its own number until after it is visible. A snapshot's xmax would not do: it is the number after the
    // last one that was over.
    const string Writing = """
        SELECT coalesce(array_agg(transactionid::text), '{}') FROM pg_catalog.pg_locks WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock' AND granted
        """;

    // Who may not see what others wait for, gets null.
    const string WaitForStandby = """
        SELECT EXISTS (SELECT FROM pg_catalog.pg_stat_activity WHERE wait_event = 'SyncRep')
        """;

    public static async Task WaitAsync(ConnectionSettings settings, ServerIdentity server, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var connection = await settings.OpenCatalogAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        await SameServer.CheckAsync(connection, server).ConfigureAwait(false);
        var began = time.GetTimestamp();
        var open = await WritingAsync(connection).ConfigureAwait(false);
        while (open.Length > 0)
        {
            if (time.GetElapsedTime(began) >= Patience)
            {
                if (!await WaitsForStandbyAsync(connection).ConfigureAwait(false))
                {
                    // A transaction that is merely open was not told of.
                    return;
                }

                Log.SnapshotWaits(logger);
                began = time.GetTimestamp();
            }

            await Task.Delay(Interval, time, cancellationToken).ConfigureAwait(false);
            open = [.. open.Intersect(await WritingAsync(connection).ConfigureAwait(false), StringComparer.Ordinal)];
        }
    }

    static async ValueTask<string[]> WritingAsync(NpgsqlConnection connection) => (string[])await ScalarAsync(connection, Writing).ConfigureAwait(false);

    static async ValueTask<bool> WaitsForStandbyAsync(NpgsqlConnection connection) => (bool)await ScalarAsync(connection, WaitForStandby).ConfigureAwait(false);

    static async ValueTask<object> ScalarAsync(NpgsqlConnection connection, string sql)
    {
#pragma warning disable CA2100
        var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await using var _ = command.ConfigureAwait(false);
        return (await command.ExecuteScalarAsync(CancellationToken.None).ConfigureAwait(false))!;
    }
}
