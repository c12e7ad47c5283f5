using Npgsql;

namespace Penstock.Sources.PostgresWal;

/// <summary>What a publication sends.</summary>
/// <param name="AllTables">Whether of every table, also of those to come.</param>
/// <param name="Unsent">The kinds of change it leaves out, such as <c>update</c>.</param>
/// <param name="Filters">Tables of which not every row is sent, with the condition.</param>
/// <param name="Lists">Tables of which not every column is sent, with those that are not.</param>
sealed record PublicationFacts(
    bool AllTables, IReadOnlyList<string> Unsent, IReadOnlyList<(TableName Table, string Condition)> Filters, IReadOnlyList<(TableName Table, string Columns)> Lists)
{
    // Row filters and column lists came with PostgreSQL 15.
    const int OldestWithFilters = 15;

    const string Query = """
        SELECT puballtables,
               array_remove(ARRAY[CASE WHEN NOT pubinsert THEN 'insert' END, CASE WHEN NOT pubupdate THEN 'update' END,
                                  CASE WHEN NOT pubdelete THEN 'delete' END, CASE WHEN NOT pubtruncate THEN 'truncate' END], NULL)
        FROM pg_catalog.pg_publication
        WHERE pubname = $1
        """;

    // A generated column is never sent.
    const string PartsQuery = """
        SELECT p.schemaname::text, p.tablename::text, p.rowfilter,
               (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
                FROM pg_catalog.pg_attribute a
                JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
                JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = p.schemaname AND c.relname = p.tablename AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                  AND NOT a.attname = ANY (p.attnames))
        FROM pg_catalog.pg_publication_tables p
        WHERE p.pubname = $1
        """;

    /// <summary>Null when there is no such publication.</summary>
    public static async ValueTask<PublicationFacts?> ReadAsync(NpgsqlConnection connection, string publication, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(Query, connection) { Parameters = { new() { Value = publication } } };
        await using var _ = command.ConfigureAwait(false);
        bool allTables;
        string[] unsent;
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                return null;
            }

            (allTables, unsent) = (reader.GetBoolean(0), reader.GetFieldValue<string[]>(1));
        }

        var filters = new List<(TableName, string)>();
        var lists = new List<(TableName, string)>();
        if (connection.PostgreSqlVersion.Major >= OldestWithFilters)
        {
            await ReadPartsAsync(connection, publication, filters, lists, cancellationToken).ConfigureAwait(false);
        }

        return new PublicationFacts(allTables, unsent, filters, lists);
    }

    static async ValueTask ReadPartsAsync(
        NpgsqlConnection connection, string publication, List<(TableName, string)> filters, List<(TableName, string)> lists, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(PartsQuery, connection) { Parameters = { new() { Value = publication } } };
        await using var _ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var table = new TableName(reader.GetString(0), reader.GetString(1));
            if (!reader.IsDBNull(2))
            {
                filters.Add((table, reader.GetString(2)));
            }

            if (!reader.IsDBNull(3))
            {
                lists.Add((table, reader.GetString(3)));
            }
        }
    }
}
