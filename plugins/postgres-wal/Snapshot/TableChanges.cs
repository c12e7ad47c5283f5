namespace Penstock.Sources.PostgresWal;

/// <summary>What the stream changed in a table since before its snapshot began. Belongs to the reader of the stream.</summary>
sealed class TableChanges
{
    // Some 10 MB. A larger transaction is remembered by its number alone.
    const int MostKeys = 100_000;

    readonly Dictionary<ReadOnlyMemory<byte>, KeyChange> _keys = new(KeyComparer.Instance);
    readonly HashSet<uint> _unlisted = [];
    Relation? _relation;
    uint? _truncatedBy;
    TransactionSnapshot? _forgotten;

    /// <summary>Rises with each change of the table's shape: what was read of it before is read again.</summary>
    public int Shapes { get; private set; }

    public void Note(in Change change, uint xid)
    {
        if (!ReferenceEquals(_relation, change.Relation))
        {
            // A changed table was locked against our reading until its transaction was over. So whoever reads it from now on sees all of this.
            _relation = change.Relation;
            _keys.Clear();
            Shapes++;
        }

        if (_forgotten?.Sees(xid) == true || (_unlisted.Count > 0 && _unlisted.Contains(xid)))
        {
            return;
        }

        if (change.Kind == ChangeKind.Truncate)
        {
            _truncatedBy = xid;
            _keys.Clear();
        }
        else if (change.Relation.Schema.HasKey && (change.After ?? change.Before) is { } row)
        {
            // Without a key nothing tells which row a change is about.
            Note(change.Relation.KeyOf(row), xid, change.After);
        }
    }

    /// <summary>Whether rows of this snapshot are older than what the stream had of them, all of them.</summary>
    public bool IsTruncatedAfter(TransactionSnapshot snapshot) => _truncatedBy is { } xid && !snapshot.Sees(xid);

    /// <summary>Whether the stream had newer values of more keys than are remembered, so that rows of this snapshot cannot be told apart.</summary>
    public bool IsBeyond(TransactionSnapshot snapshot)
    {
        foreach (var xid in _unlisted)
        {
            if (!snapshot.Sees(xid))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the stream had this key with newer values than the snapshot sees.</summary>
    /// <param name="snapshot">What the row was read with.</param>
    /// <param name="key">The row's key.</param>
    /// <param name="lacking">The fields that only the snapshot has; null for none.</param>
    public bool IsNewer(TransactionSnapshot snapshot, ReadOnlyMemory<byte> key, out bool[]? lacking)
    {
        lacking = null;
        if (_keys.Count == 0 || !_keys.TryGetValue(key, out var change) || snapshot.Sees(change.Xid))
        {
            return false;
        }

        lacking = change.Lacking;
        return true;
    }

    /// <summary>Drops what this snapshot sees, and so does every later one; also of what is still to come.</summary>
    public void Forget(TransactionSnapshot snapshot)
    {
        _forgotten = snapshot;
        if (_truncatedBy is { } xid && snapshot.Sees(xid))
        {
            _truncatedBy = null;
        }

        _unlisted.RemoveWhere(snapshot.Sees);
        foreach (var (key, change) in _keys)
        {
            if (snapshot.Sees(change.Xid))
            {
                _keys.Remove(key);
            }
        }
    }

    void Note(ReadOnlyMemory<byte> key, uint xid, Row? after)
    {
        if (_keys.TryGetValue(key, out var before))
        {
            _keys[key] = before.Then(xid, after);
        }
        else if (_keys.Count == MostKeys)
        {
            _unlisted.Add(xid);
            foreach (var change in _keys.Values)
            {
                _unlisted.Add(change.Xid);
            }

            _keys.Clear();
        }
        else
        {
            // A copy: the key is a slice of a block that many rows share.
            _keys.Add(key.ToArray(), new KeyChange(xid, KeyChange.LackingIn(after)));
        }
    }
}
