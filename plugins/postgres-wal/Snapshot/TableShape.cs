using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Penstock.Sources.PostgresWal;

/// <summary>The columns of a table that are read, and the key by which it is read in pieces. Immutable.</summary>
sealed class TableShape
{
    readonly TableColumn[] _key;
    readonly int[] _keyFields;

    public TableShape(TableName table, TableView view)
    {
        Id = view.Id;
        Storage = view.Storage;
        All = view.Columns;
        Sent = [.. view.Columns.Where(column => column.IsSent)];
        var key = view.Columns.Where(column => column.KeyPlace > 0).OrderBy(column => column.KeyPlace).ToArray();
        // Where a part of the key is not published, the rest of it may repeat.
        _key = Array.TrueForAll(key, column => column.IsSent) ? key : [];
        _keyFields = Array.ConvertAll(_key, column => Array.IndexOf(Sent, column));
        var isKey = Array.ConvertAll(Sent, column => column.KeyPlace > 0);
        var description = new RelationDescription(
            view.Id, table, HasFullIdentity: false, Array.ConvertAll(Sent, column => new ColumnDescription(column.Name, column.TypeId, TypeModifier: -1, column.KeyPlace > 0)));
        Relation = RelationCache.Create(description, isCaptured: true, isKey);
        Mark = Hash();
    }

    public uint Id { get; }

    /// <summary>Where its rows lie, which is what counts when it is read by its blocks.</summary>
    public string Storage { get; }

    public IReadOnlyList<TableColumn> All { get; }

    /// <summary>The columns of the rows.</summary>
    public TableColumn[] Sent { get; }

    /// <summary>The key's columns in its index's order; empty for a table without a key.</summary>
    public IReadOnlyList<TableColumn> Key => _key;

    /// <summary>The schemas, quoted, in which the key's types have their operators, beside the system's own.</summary>
    public string OperatorSchemas => string.Join(", ", _key.Select(column => column.OperatorSchema).OfType<string>().Distinct(StringComparer.Ordinal));

    /// <summary>What the rows are made of, as those of the stream.</summary>
    public Relation Relation { get; }

    /// <summary>Differs when a place that was kept is none in this table.</summary>
    public ulong Mark { get; }

    public bool IsOf(TableView view) => Id == view.Id && Storage == view.Storage && All.SequenceEqual(view.Columns);

    /// <summary>The key's values of a row, in the order of <see cref="Key"/>.</summary>
    public byte[][] KeyOf(Row row) => Array.ConvertAll(_keyFields, field => row[field].ToArray());

    ulong Hash()
    {
        var text = new StringBuilder().Append(Id);
        if (_key.Length == 0)
        {
            text.Append('\0').Append(Storage);
        }

        foreach (var column in _key)
        {
            text.Append('\0').Append(column.Name).Append('\0').Append(column.TypeId).Append('\0').Append(column.CollationId);
        }

        return BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
