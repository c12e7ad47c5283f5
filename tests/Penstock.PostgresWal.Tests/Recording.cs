using Npgsql;
using NpgsqlTypes;
using Penstock.Sources.PostgresWal;

namespace Penstock.PostgresWal.Tests;

/// <summary>The messages of pgoutput that a real server makes of statements, fetched through SQL, so without the code that is tested.</summary>
sealed record Recording(IReadOnlyList<RecordedMessage> Messages)
{
    /// <summary>Runs the statements and returns what the server would stream of the tables.</summary>
    /// <param name="database">Where.</param>
    /// <param name="tables">What is published.</param>
    /// <param name="statements">One call each; those that should share a transaction say so.</param>
    public static async Task<Recording> MakeAsync(Database database, string tables, params string[] statements)
    {
        var name = Database.Unique("recording");
        await database.ExecuteAsync($"CREATE PUBLICATION {name} FOR TABLE {tables}");
        await database.ExecuteAsync($"SELECT pg_create_logical_replication_slot('{name}', 'pgoutput')");
        try
        {
            // One connection, so that a session's settings hold for what follows.
            await using var connection = await database.ConnectAsync();
            foreach (var statement in statements)
            {
                await Database.ExecuteAsync(connection, statement);
            }

            return new Recording(await FetchAsync(connection, name));
        }
        finally
        {
            await database.DropSlotAsync(name);
        }
    }

    /// <summary>What the decoder makes of the messages.</summary>
    public async Task<IReadOnlyList<SourceMessage>> DecodeAsync(Database database, params string[] tables)
    {
        var events = new EventAssembler(default, default);
        var decoder = new MessageDecoder(Relations(database, tables), events);
        var decoded = new List<SourceMessage>();
        foreach (var message in Messages)
        {
            await decoder.DecodeAsync(message.Bytes, message.Lsn);
            while (events.TryTake(out var next))
            {
                if (next is not Watermark { Position.Partition: SchemaBook.Partition })
                {
                    decoded.Add(next);
                }
            }
        }

        return decoded;
    }

    public static RelationCache Relations(Database database, params string[] tables)
    {
        var options = new PostgresWalOptions { ConnectionString = database.Server.ConnectionString, Slot = "", Publication = "", Tables = [] };
        return new RelationCache(tables.Select(TableName.Parse), new KeyCatalog(new ConnectionSettings(options)));
    }

    static async Task<List<RecordedMessage>> FetchAsync(NpgsqlConnection connection, string name)
    {
#pragma warning disable CA2100
        await using var command = new NpgsqlCommand(
            $"SELECT lsn, data FROM pg_logical_slot_get_binary_changes('{name}', NULL, NULL, 'proto_version', '1', 'publication_names', '{name}')",
            connection);
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync();
        var messages = new List<RecordedMessage>();
        while (await reader.ReadAsync())
        {
            messages.Add(new((ulong)reader.GetFieldValue<NpgsqlLogSequenceNumber>(0), reader.GetFieldValue<byte[]>(1)));
        }

        return messages;
    }
}
