using Npgsql;

namespace Penstock.Sources.PostgresWal;

/// <summary>A configured table as the catalog has it.</summary>
/// <param name="Table">Its name.</param>
/// <param name="Exists">Whether there is such a table (not a view, not a sequence).</param>
/// <param name="IsPublished">Whether the publication sends changes under this name.</param>
/// <param name="HasIdentity">Whether the server can say which row an UPDATE or DELETE is about.</param>
/// <param name="HasKey">Whether its events have a key.</param>
/// <param name="IsOwned">Whether our role is its owner, or belongs to it.</param>
/// <param name="IsReadable">Whether our role may read it.</param>
/// <param name="HidesRows">Whether row-level security would keep rows from our role.</param>
/// <param name="LacksGenerated">Whether old rows would have generated columns that the publication does not send, which PostgreSQL 18 refuses to write.</param>
sealed record TableFacts(
    TableName Table, bool Exists, bool IsPublished, bool HasIdentity, bool HasKey, bool IsOwned, bool IsReadable, bool HidesRows, bool LacksGenerated)
{
    const string Query = """
        SELECT t.schema, t.name,
               c.oid IS NOT NULL,
               EXISTS (SELECT FROM pg_catalog.pg_publication_tables p
                       WHERE p.pubname = $3 AND p.schemaname = t.schema AND p.tablename = t.name),
               coalesce(CASE c.relreplident
                   WHEN 'f' THEN true
                   WHEN 'd' THEN EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND i.indimmediate)
                   WHEN 'i' THEN EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisreplident)
               END, false),
               CASE c.relreplident
                   WHEN 'i' THEN EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisreplident)
                   ELSE EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)
               END,
               coalesce(pg_has_role(c.relowner, 'USAGE'), false),
               coalesce(has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'), false),
               coalesce(row_security_active(c.oid), false),
               current_setting('server_version_num')::int >= 180000 AND c.relreplident = 'f' AND EXISTS (
                   SELECT FROM pg_catalog.pg_attribute a
                   WHERE a.attrelid = c.oid AND NOT a.attisdropped AND a.attgenerated <> ''
                     AND (a.attgenerated <> 's' OR NOT EXISTS (SELECT FROM pg_catalog.pg_publication p WHERE p.pubname = $3 AND to_jsonb(p) ->> 'pubgencols' = 's')))
        FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS t (schema, name, place)
        LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = t.schema
        LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = t.name AND c.relkind IN ('r', 'p')
        ORDER BY t.place
        """;

    public static async ValueTask<IReadOnlyList<TableFacts>> ReadAsync(
        NpgsqlConnection connection, IReadOnlyList<TableName> tables, string publication, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(Query, connection)
        {
            Parameters =
            {
                new() { Value = tables.Select(table => table.Schema).ToArray() },
                new() { Value = tables.Select(table => table.Name).ToArray() },
                new() { Value = publication },
            },
        };
        await using var _ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        var facts = new List<TableFacts>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var table = new TableName(reader.GetString(0), reader.GetString(1));
            facts.Add(new TableFacts(
                table, reader.GetBoolean(2), reader.GetBoolean(3), reader.GetBoolean(4), reader.GetBoolean(5), reader.GetBoolean(6), reader.GetBoolean(7), reader.GetBoolean(8),
                !reader.IsDBNull(9) && reader.GetBoolean(9)));
        }

        return facts;
    }
}
