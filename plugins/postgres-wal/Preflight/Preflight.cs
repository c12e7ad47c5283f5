namespace Penstock.Sources.PostgresWal;

/// <summary>Looks at everything that a run needs, and changes nothing: <c>penstock check</c>.</summary>
sealed class Preflight(PostgresWalOptions options, ConnectionSettings settings, CheckReport report)
{
    public async ValueTask RunAsync(CancellationToken cancellationToken)
    {
        var connection = await settings.OpenCatalogAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        Preparation.ThrowIfTooOld(connection);
        var server = await ServerFacts.ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        report.Fact($"PostgreSQL {connection.ServerVersion} at {connection.Host}:{connection.Port}, database \"{server.Database}\", role \"{server.Role}\"");

        var capacity = await Capacity.ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        var slot = await SlotFacts.ReadAsync(connection, options.Slot, cancellationToken).ConfigureAwait(false);
        var publication = await PublicationFacts.ReadAsync(connection, options.Publication, cancellationToken).ConfigureAwait(false);
        var tables = await TableFacts.ReadAsync(
            connection, [.. options.Tables.Select(TableName.Parse)], options.Publication, cancellationToken).ConfigureAwait(false);
        foreach (var missing in new Requirements(options, server, slot, publication is not null, tables).Check())
        {
            report.Fail(missing.Problem, missing.Remedy);
        }

        ServerCheck.Run(server, capacity, slot, report);
        new PublicationCheck(options, server, tables, report).Run(publication, capacity.MayCreate);
        new TableCheck(tables, report).Run(publication is not null);
        var isBehind = slot is not null
            && await PublicationAge.IsBehindSlotAsync(connection, options.Publication, options.Slot, cancellationToken).ConfigureAwait(false);
        var owner = await SlotOwner.ReadAsync(connection, options.Slot, cancellationToken).ConfigureAwait(false);
        var oldest = await OpenTransactions.LastingAsync(connection, cancellationToken).ConfigureAwait(false);
        SlotCheck.Run(options, slot, owner, isBehind, oldest, report);
        StandbyCheck.Run(options, server, capacity, slot, publication is not null, report);
    }
}
