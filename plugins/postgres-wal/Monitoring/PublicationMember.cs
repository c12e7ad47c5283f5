using Npgsql;

namespace Penstock.Sources.PostgresWal;

/// <summary>How a table belongs to the publication.</summary>
/// <param name="Table">Its OID, which it keeps when it is renamed.</param>
/// <param name="Name">Its name.</param>
/// <param name="IsMember">Whether the publication sends it.</param>
/// <param name="Row">The catalog's row that makes it a member, another one when it is put back; 0 for a member through ALL TABLES or a schema.</param>
/// <param name="Publication">The OID of the publication.</param>
readonly record struct PublicationMember(uint Table, string Name, bool IsMember, uint Row, uint Publication)
{
    const string Query = """
        SELECT c.oid, t.schema || '.' || t.name,
               EXISTS (SELECT FROM pg_catalog.pg_publication_tables p WHERE p.pubname = $3 AND p.schemaname = t.schema AND p.tablename = t.name),
               coalesce((SELECT r.oid FROM pg_catalog.pg_publication_rel r WHERE r.prrelid = c.oid AND r.prpubid = u.oid), 0),
               coalesce(u.oid, 0)
        FROM unnest($1::text[], $2::text[]) AS t (schema, name)
        JOIN pg_catalog.pg_namespace n ON n.nspname = t.schema
        JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = t.name
        LEFT JOIN pg_catalog.pg_publication u ON u.pubname = $3
        """;

    /// <summary>Those of the tables that exist.</summary>
    public static async ValueTask<IReadOnlyList<PublicationMember>> ReadAsync(
        NpgsqlConnection connection, TableName[] tables, string publication, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(Query, connection)
        {
            Parameters =
            {
                new() { Value = Array.ConvertAll(tables, table => table.Schema) },
                new() { Value = Array.ConvertAll(tables, table => table.Name) },
                new() { Value = publication },
            },
        };
        await using var _ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        var members = new List<PublicationMember>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            members.Add(new PublicationMember(
                reader.GetFieldValue<uint>(0), reader.GetString(1), reader.GetBoolean(2), reader.GetFieldValue<uint>(3), reader.GetFieldValue<uint>(4)));
        }

        return members;
    }

    /// <summary>Whether it cannot have been a member all the time between the two.</summary>
    public bool WasPutBackSince(PublicationMember before) =>
        IsMember && (Row, before.Row) switch
        {
            (0, 0) => Publication != before.Publication,
            (0, _) or (_, 0) => false,
            _ => Row != before.Row,
        };
}
