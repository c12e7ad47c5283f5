using Npgsql;

namespace Penstock.Sources.PostgresWal;

/// <summary>
/// Notices a table that is taken out of the publication while it is read, of which the server says nothing: it just sends no more of it. Also one that was put back
/// between two looks.
/// </summary>
sealed class PublicationWatch(string publication, IReadOnlyList<string> tables)
{
    // The row that makes a table a member is another one when it is put back; a member through ALL TABLES or a schema has none.
    const string Query = """
        SELECT t.schema || '.' || t.name,
               EXISTS (SELECT FROM pg_catalog.pg_publication_tables p WHERE p.pubname = $3 AND p.schemaname = t.schema AND p.tablename = t.name),
               coalesce((SELECT r.oid FROM pg_catalog.pg_publication_rel r JOIN pg_catalog.pg_publication u ON u.oid = r.prpubid WHERE r.prrelid = c.oid AND u.pubname = $3), 0)::bigint
        FROM unnest($1::text[], $2::text[]) AS t (schema, name)
        JOIN pg_catalog.pg_namespace n ON n.nspname = t.schema
        JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = t.name
        """;

    readonly TableName[] _tables = [.. tables.Select(TableName.Parse)];
    readonly Dictionary<string, long?> _members = new(StringComparer.Ordinal);

    /// <returns>Why reading must not go on; null when all is as it was.</returns>
    public async ValueTask<PluginException?> LookAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var members = await MembersAsync(connection, cancellationToken).ConfigureAwait(false);
        if (Changed(members).Count > 0)
        {
            // The server looks at the publication later than at the tables: one that was just made anew under its name seems to be gone.
            members = await MembersAsync(connection, cancellationToken).ConfigureAwait(false);
        }

        var changed = Changed(members);
        foreach (var (table, member) in members)
        {
            _members[table] = member;
        }

        return changed.Count == 0
            ? null
            : new PluginException(
                FailureKind.Permanent,
                $"Publication \"{publication}\" has changed: {string.Join("; ", changed)}. Changes of the time between were not sent and will not come. Repeat what depends on them, then start again.");
    }

    List<string> Changed(Dictionary<string, long?> members)
    {
        var changed = new List<string>();
        foreach (var (table, member) in members)
        {
            if (member is null)
            {
                changed.Add($"{table} was taken out of it (put it back with ALTER PUBLICATION {Sql.Quote(publication)} ADD TABLE, or take it out of \"tables\")");
            }
            else if (_members.GetValueOrDefault(table) is { } before && before != member)
            {
                changed.Add($"{table} was taken out of it and put back");
            }
        }

        return changed;
    }

    // By table; null for one that is no member.
    async ValueTask<Dictionary<string, long?>> MembersAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(Query, connection)
        {
            Parameters =
            {
                new() { Value = Array.ConvertAll(_tables, table => table.Schema) },
                new() { Value = Array.ConvertAll(_tables, table => table.Name) },
                new() { Value = publication },
            },
        };
        await using var _ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        var members = new Dictionary<string, long?>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            members.Add(reader.GetString(0), reader.GetBoolean(1) ? reader.GetInt64(2) : null);
        }

        return members;
    }
}
