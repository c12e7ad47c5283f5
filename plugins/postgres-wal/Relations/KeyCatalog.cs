using Npgsql;
using NpgsqlTypes;

namespace Penstock.Sources.PostgresWal;

/// <summary>Asks the catalog for what the replication stream does not say.</summary>
sealed class KeyCatalog(ConnectionSettings settings)
{
    // indkey also lists INCLUDE columns, which are no part of the key; int2vector counts from 0.
    const string PrimaryKey = """
        SELECT a.attname
        FROM pg_catalog.pg_index i
        JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])
        WHERE i.indrelid = $1 AND i.indisprimary
        """;

    public async ValueTask<HashSet<string>> ReadPrimaryKeyAsync(uint relation)
    {
        var connection = await settings.OpenCatalogAsync(CancellationToken.None).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var command = new NpgsqlCommand(PrimaryKey, connection) { Parameters = { new() { Value = relation, NpgsqlDbType = NpgsqlDbType.Oid } } };
        await using var __ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
        await using var ___ = reader.ConfigureAwait(false);
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (await reader.ReadAsync().ConfigureAwait(false))
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }
}
