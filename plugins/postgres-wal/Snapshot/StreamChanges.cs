namespace Penstock.Sources.PostgresWal;

/// <summary>
/// Remembers which keys the stream changed in tables that are under snapshot, so that no row that is read goes out over a newer one. Only
/// committed changes, in commit order, before they are given out. Belongs to the reader of the stream; outlives connections.
/// </summary>
sealed class StreamChanges
{
    readonly Dictionary<string, TableChanges> _tables = new(StringComparer.Ordinal);

    /// <summary>Remembers changes of this table from now on.</summary>
    public TableChanges Track(string subject)
    {
        if (!_tables.TryGetValue(subject, out var table))
        {
            _tables.Add(subject, table = new TableChanges());
        }

        return table;
    }

    public void Untrack(string subject) => _tables.Remove(subject);

    public void Note(in Change change, uint xid)
    {
        if (_tables.Count > 0 && _tables.TryGetValue(change.Relation.Subject, out var table))
        {
            table.Note(change, xid);
        }
    }
}
