namespace Penstock.Sources.PostgresWal;

/// <summary>The tables that the server has described, by OID. Outlives connections, so that rows keep sharing a schema.</summary>
sealed class RelationCache(IEnumerable<TableName> tables, KeyCatalog catalog)
{
    readonly HashSet<TableName> _tables = [.. tables];
    readonly Dictionary<uint, Relation> _relations = [];

    /// <summary>The table with this OID; null when none was described.</summary>
    public Relation? Find(uint id) => _relations.GetValueOrDefault(id);

    /// <summary>Takes over a description, which the server repeats after every reconnect and change.</summary>
    public async ValueTask UpdateAsync(RelationDescription description)
    {
        var identity = Array.ConvertAll(description.Columns, column => column.IsIdentity);
        var key = identity;
        if (description.HasFullIdentity || !Array.Exists(identity, flag => flag))
        {
            // FULL flags every column, which would make every value part of the key and destroy the order of a row's changes.
            var names = await catalog.ReadPrimaryKeyAsync(description.Id).ConfigureAwait(false);
            key = Array.ConvertAll(description.Columns, column => names.Contains(column.Name));
        }

        var relation = Create(description, _tables.Contains(description.Table), key);
        if (!_relations.TryGetValue(description.Id, out var known) || !known.HasSameShape(relation))
        {
            _relations[description.Id] = relation;
        }
    }

    /// <summary>The table as rows have it.</summary>
    public static Relation Create(RelationDescription description, bool isCaptured, bool[] key)
    {
        var columns = description.Columns;
        var fields = new RowField[columns.Length];
        for (var i = 0; i < fields.Length; i++)
        {
            fields[i] = new RowField(columns[i].Name, FieldTypes.Of(columns[i].TypeId), key[i]);
        }

        return new Relation(description.Table.ToString(), isCaptured, description.HasFullIdentity, new RowSchema(fields), columns);
    }
}
