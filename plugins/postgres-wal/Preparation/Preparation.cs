using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace Penstock.Sources.PostgresWal;

/// <summary>Checks the server and creates what is missing, before every replication connection.</summary>
sealed class Preparation(PostgresWalOptions options, ConnectionSettings settings, SourceContext context, ILogger logger)
{
    const int OldestServer = 13;

    const string CreatePlainSlot = "SELECT lsn FROM pg_catalog.pg_create_logical_replication_slot($1, 'pgoutput')";

    // Standbys that are told to copy it to themselves, so that reading goes on after a failover.
    const string CreateFailoverSlot = "SELECT lsn FROM pg_catalog.pg_create_logical_replication_slot($1, 'pgoutput', failover => true)";

    readonly SlotTurn _turn = new(options.Slot, context.TimeProvider, logger);
    readonly TableName[] _tables = [.. options.Tables.Select(TableName.Parse)];

    /// <exception cref="PluginException">Something is missing that only an operator can mend, or the position is lost.</exception>
    public async ValueTask<SessionPlan> RunAsync(ResumePoint resume, PublicationMembers before, CancellationToken cancellationToken)
    {
        var connection = await settings.OpenCatalogAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        ThrowIfTooOld(connection);
        var server = await ServerFacts.ReadAsync(connection, cancellationToken).ConfigureAwait(false);

        // Before the slot is looked at: who reads it moves it.
        await _turn.WaitAsync(connection, server.WalSenderTimeout, cancellationToken).ConfigureAwait(false);
        var slot = await SlotFacts.ReadAsync(connection, options.Slot, cancellationToken).ConfigureAwait(false);
        PluginException? lost = null;
        try
        {
            var timelineEnd = await TimelineEndAsync(connection, resume, server, cancellationToken).ConfigureAwait(false);
            PositionCheck.Run(options.Slot, resume, server, slot, timelineEnd);
        }
        catch (PluginException e) when (options.OnPositionLost == PositionLostPolicy.AcceptLoss)
        {
            lost = e;
        }

        var hasPublication = await HasPublicationAsync(connection, cancellationToken).ConfigureAwait(false);
        var tables = await TableFacts.ReadAsync(connection, _tables, options.Publication, cancellationToken).ConfigureAwait(false);
        var problems = new Requirements(options, server, slot, hasPublication, tables).Check();
        if (problems.Count > 0)
        {
            throw new PluginException(
                FailureKind.Permanent, $"PostgreSQL is not ready for source \"{context.Instance}\":\n  - {string.Join("\n  - ", problems)}");
        }

        if (slot is not null && !resume.IsKnown && lost is null && await PublicationAge.MayBeLeftOutAsync(connection, options, server, cancellationToken).ConfigureAwait(false))
        {
            Log.PublicationYounger(logger, options.Publication, options.Slot, PublicationAge.Remedy(options.Slot));
        }

        if (!hasPublication)
        {
            await CreatePublicationAsync(connection, tables, cancellationToken).ConfigureAwait(false);
        }

        if (lost is not null && slot is { IsLost: true })
        {
            await DropSlotAsync(connection, cancellationToken).ConfigureAwait(false);
            slot = null;
        }

        var confirmed = slot?.ConfirmedLsn ?? await CreateSlotAsync(connection, server, cancellationToken).ConfigureAwait(false);
        var node = $"{connection.Host}:{connection.Port}";
        var loss = lost is null ? null : Accept(lost, resume, confirmed, node);
        var members = await PublicationMember.ReadAsync(connection, _tables, options.Publication, cancellationToken).ConfigureAwait(false);
        return new SessionPlan
        {
            Slot = options.Slot,
            Publication = options.Publication,
            Resume = loss is null ? resume : default,
            Loss = loss ?? (resume.IsKnown ? LossOf(before.PutBack(members), resume, node) : null),
            Members = before.With(members),
            Server = server.Identity,
            ClientEncoding = ConnectionSettings.ClientEncodingFor(server.Encoding),
            ConfirmedLsn = confirmed,
            StatusInterval = Timeouts.StatusInterval(server.WalSenderTimeout),
            ReceiveTimeout = Timeouts.ReceiveTimeout(server.WalSenderTimeout),
            TimeProvider = context.TimeProvider,
        };
    }

    /// <summary>Whether these tables can be read.</summary>
    /// <exception cref="PluginException">Not all of them.</exception>
    public async ValueTask CheckSnapshotAsync(IReadOnlyList<string> subjects, CancellationToken cancellationToken)
    {
        if (subjects.FirstOrDefault(subject => !options.Tables.Contains(subject, StringComparer.Ordinal)) is { } unknown)
        {
            throw new PluginException(
                FailureKind.Permanent, $"Source \"{context.Instance}\" does not read table \"{unknown}\"; expected one of {string.Join(", ", options.Tables)}.");
        }

        var connection = await settings.OpenCatalogAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var server = await ServerFacts.ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        var tables = await TableFacts.ReadAsync(connection, [.. subjects.Select(TableName.Parse)], options.Publication, cancellationToken).ConfigureAwait(false);
        var missing = SnapshotRights.Missing(server.Role, tables).ToList();
        if (missing.Count > 0)
        {
            throw new PluginException(FailureKind.Permanent, $"A snapshot is not possible:\n  - {string.Join("\n  - ", missing)}");
        }
    }

    // Only forwards: what has a lower position than the checkpoint would be taken for delivered.
    LossWindow Accept(PluginException lost, ResumePoint resume, ulong confirmed, string node)
    {
        if (confirmed < resume.Reach)
        {
            throw new PluginException(
                FailureKind.PositionLost,
                $"{lost.Message} \"acceptLoss\" cannot do it here: slot \"{options.Slot}\" stands at {Lsn.Format(confirmed)}, before the checkpoint, and what it sends would be "
                + "taken for delivered.",
                lost);
        }

        Log.LossAccepted(logger, options.Slot, Lsn.Format(resume.Floor), Lsn.Format(confirmed));
        return WindowSince(
            resume, LossCause.PositionLost, isCertain: true, node, $"Changes between {Lsn.Format(resume.Floor)} and {Lsn.Format(confirmed)} are lost, as \"onPositionLost\" accepts. {lost.Message}");
    }

    // Whether anything was written meanwhile, nobody knows.
    LossWindow? LossOf(IReadOnlyList<string> putBack, ResumePoint resume, string node)
    {
        if (putBack.Count == 0)
        {
            return null;
        }

        Log.PublicationChanged(logger, options.Publication, string.Join(", ", putBack));
        return WindowSince(
            resume,
            LossCause.SettingCleared,
            isCertain: false,
            node,
            $"Publication \"{options.Publication}\" was without {string.Join(", ", putBack)} for a time: what changed there meanwhile was not sent and will not come. "
            + "Tables can be read again with penstock snapshot.");
    }

    LossWindow WindowSince(ResumePoint resume, LossCause cause, bool isCertain, string node, string detail) => new()
    {
        Cause = cause,
        IsCertain = isCertain,
        OpenedAt = resume.State.At > DateTimeOffset.UnixEpoch ? resume.State.At : DateTimeOffset.UnixEpoch,
        ClosedAt = context.TimeProvider.GetUtcNow(),
        Node = node,
        Detail = detail,
    };

    async ValueTask DropSlotAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand("SELECT pg_catalog.pg_drop_replication_slot($1)", connection) { Parameters = { new() { Value = options.Slot } } };
        await using var _ = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    static ValueTask<ulong?> TimelineEndAsync(NpgsqlConnection connection, ResumePoint resume, ServerFacts server, CancellationToken cancellationToken)
    {
        var (before, now) = (resume.State.Server, server.Identity);
        return before.SystemId == now.SystemId && before.Timeline > 0 && before.Timeline < now.Timeline
            ? TimelineHistory.EndOfAsync(connection, before.Timeline, now.Timeline, server.Role, cancellationToken)
            : default;
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

    async ValueTask<ulong> CreateSlotAsync(NpgsqlConnection connection, ServerFacts server, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(server.HasFailoverSlots ? CreateFailoverSlot : CreatePlainSlot, connection) { Parameters = { new() { Value = options.Slot } } };
        await using var _ = command.ConfigureAwait(false);
        try
        {
            var lsn = (ulong)(NpgsqlLogSequenceNumber)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
            Log.SlotCreated(logger, options.Slot, Lsn.Format(lsn));
            return lsn;
        }
        catch (NpgsqlException e) when (e.InnerException is TimeoutException)
        {
            throw await OpenTransactions.ExplainAsync(options.Slot, settings, e, cancellationToken).ConfigureAwait(false);
        }
    }
}
