using Npgsql.Replication.PgOutput.Messages;

namespace Penstock.Sources.PostgresWal;

/// <summary>The tables that the server has described, by OID. Outlives connections, so that rows keep sharing a schema.</summary>
sealed class RelationCache(IEnumerable<TableName> tables, KeyCatalog catalog)
{
    readonly HashSet<TableName> _tables = [.. tables];
    readonly Dictionary<uint, Relation> _relations = [];

    public Relation Get(RelationMessage message) => _relations[message.RelationId];

    /// <summary>Takes over a description, which the server repeats after every reconnect and change.</summary>
    public async ValueTask UpdateAsync(RelationMessage message)
    {
        var identity = IdentityOf(message);
        var key = identity;
        var isFull = message.ReplicaIdentity == RelationMessage.ReplicaIdentitySetting.AllColumns;
        if (isFull || !Array.Exists(identity, flag => flag))
        {
            // FULL flags every column, which would make every value part of the key and destroy the order of a row's changes.
            key = await PrimaryKeyOfAsync(message).ConfigureAwait(false);
        }

        var relation = Create(message, identity, key);
        if (!_relations.TryGetValue(message.RelationId, out var known) || !known.HasSameShape(relation))
        {
            _relations[message.RelationId] = relation;
        }
    }

    static bool[] IdentityOf(RelationMessage message)
    {
        var flags = new bool[message.Columns.Count];
        for (var i = 0; i < flags.Length; i++)
        {
            flags[i] = (message.Columns[i].Flags & RelationMessage.Column.ColumnFlags.PartOfKey) != 0;
        }

        return flags;
    }

    async ValueTask<bool[]> PrimaryKeyOfAsync(RelationMessage message)
    {
        var names = await catalog.ReadPrimaryKeyAsync(message.RelationId).ConfigureAwait(false);
        var key = new bool[message.Columns.Count];
        for (var i = 0; i < key.Length; i++)
        {
            key[i] = names.Contains(message.Columns[i].ColumnName);
        }

        return key;
    }

    Relation Create(RelationMessage message, bool[] identity, bool[] key)
    {
        var table = new TableName(message.Namespace, message.RelationName);
        var fields = new RowField[message.Columns.Count];
        for (var i = 0; i < fields.Length; i++)
        {
            var column = message.Columns[i];
            fields[i] = new RowField(column.ColumnName, FieldTypes.Of(column.DataTypeId), key[i]);
        }

        return new Relation(table.ToString(), _tables.Contains(table), new RowSchema(fields), identity);
    }
}
