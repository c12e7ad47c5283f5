using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace Penstock.Sources.PostgresWal;

/// <summary>Checks the server and creates what is missing, before every replication connection.</summary>
sealed class Preparation(PostgresWalOptions options, ConnectionSettings settings, SourceContext context, ILogger logger)
{
    const int OldestServer = 13;

    readonly TableName[] _tables = [.. options.Tables.Select(TableName.Parse)];

    /// <exception cref="PluginException">Something is missing that only an operator can mend, or the position is lost.</exception>
    public async ValueTask<SessionPlan> RunAsync(ResumePoint resume, CancellationToken cancellationToken)
    {
        var connection = await settings.OpenCatalogAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        ThrowIfTooOld(connection);
        var server = await ServerFacts.ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        var slot = await SlotFacts.ReadAsync(connection, options.Slot, cancellationToken).ConfigureAwait(false);
        PositionCheck.Run(options.Slot, resume, server, slot);

        var hasPublication = await HasPublicationAsync(connection, cancellationToken).ConfigureAwait(false);
        var tables = await TableFacts.ReadAsync(connection, _tables, options.Publication, cancellationToken).ConfigureAwait(false);
        var problems = new Requirements(options, server, slot, hasPublication, tables).Check();
        if (problems.Count > 0)
        {
            throw new PluginException(
                FailureKind.Permanent, $"PostgreSQL is not ready for source \"{context.Instance}\":\n  - {string.Join("\n  - ", problems)}");
        }

        if (!hasPublication)
        {
            await CreatePublicationAsync(connection, tables, cancellationToken).ConfigureAwait(false);
        }

        var confirmed = slot?.ConfirmedLsn ?? await CreateSlotAsync(connection, cancellationToken).ConfigureAwait(false);
        return new SessionPlan
        {
            Slot = options.Slot,
            Publication = options.Publication,
            Resume = resume,
            ConfirmedLsn = confirmed,
            StatusInterval = Timeouts.StatusInterval(server.WalSenderTimeout),
            ReceiveTimeout = Timeouts.ReceiveTimeout(server.WalSenderTimeout),
            TimeProvider = context.TimeProvider,
        };
    }

    /// <exception cref="PluginException">The server is too old.</exception>
    public static void ThrowIfTooOld(NpgsqlConnection connection)
    {
        if (connection.PostgreSqlVersion.Major < OldestServer)
        {
            throw new PluginException(
                FailureKind.Permanent, $"Expected PostgreSQL {OldestServer} or later, found {connection.ServerVersion}; upgrade the server.");
        }
    }

    async ValueTask<bool> HasPublicationAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        const string query = "SELECT EXISTS (SELECT FROM pg_catalog.pg_publication WHERE pubname = $1)";
        var command = new NpgsqlCommand(query, connection) { Parameters = { new() { Value = options.Publication } } };
        await using var _ = command.ConfigureAwait(false);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }

    // The names are quoted identifiers: CREATE PUBLICATION takes no parameters.
    async ValueTask CreatePublicationAsync(
        NpgsqlConnection connection, IReadOnlyList<TableFacts> tables, CancellationToken cancellationToken)
    {
        var sql = Requirements.CreatePublicationSql(options.Publication, tables);
        var command = connection.CreateCommand();
        await using var _ = command.ConfigureAwait(false);
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        try
        {
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.SqlState is ['4', '2', ..] or ['2', '2', ..] && e.SqlState != PostgresErrorCodes.DuplicateObject)
        {
            // No privilege, or a table that cannot be published (unlogged, of the system).
            throw new PluginException(
                FailureKind.Permanent,
                $"Publication \"{options.Publication}\" cannot be created: {e.MessageText}; correct that, or let the tables' owner run: {sql}",
                e);
        }

        Log.PublicationCreated(logger, options.Publication, string.Join(", ", tables.Select(facts => facts.Table)));
    }

    async ValueTask<ulong> CreateSlotAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand("SELECT lsn FROM pg_catalog.pg_create_logical_replication_slot($1, 'pgoutput')", connection)
        {
            Parameters = { new() { Value = options.Slot } },
        };
        await using var _ = command.ConfigureAwait(false);
        try
        {
            var lsn = (ulong)(NpgsqlLogSequenceNumber)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
            Log.SlotCreated(logger, options.Slot, Lsn.Format(lsn));
            return lsn;
        }
        catch (NpgsqlException e) when (e.InnerException is TimeoutException)
        {
            throw new PluginException(
                FailureKind.Transient,
                $"Slot \"{options.Slot}\" could not be created in time: it waits for the transactions that were open before it. "
                + "Find them with SELECT pid, xact_start, state FROM pg_stat_activity WHERE xact_start IS NOT NULL ORDER BY xact_start;",
                e);
        }
    }
}
