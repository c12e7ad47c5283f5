namespace Penstock.Sources.PostgresWal;

/// <summary>Makes events of a piece's rows, without those that the stream has told newer, and watermarks to come back to.</summary>
sealed class ChunkEvents(Chunk chunk, Snapshots owner)
{
    // What a stop has to wait for, and what a crash repeats at most of what was given out.
    const int RowsBetweenWatermarks = 1000;

    readonly TableSnapshot _table = chunk.Table;
    readonly TransactionSnapshot _snapshot = chunk.View.Snapshot;
    readonly ulong _high = chunk.Table.HighOf(chunk.View.Lsn);
    readonly bool _isTruncated = chunk.Table.Changes.IsTruncatedAfter(chunk.View.Snapshot);
    int _row;
    int _given;

    /// <summary>Whether events went out since the last watermark.</summary>
    public bool IsAmid => _given > 0;

    /// <summary>Whether the table begins anew, so that what is left is not wanted any more.</summary>
    public bool IsAbandoned => _table.IsAbandoned;

    /// <summary>Whether nothing follows.</summary>
    public bool IsTaken { get; private set; }

    /// <summary>Leaves the rest.</summary>
    public void Drop() => chunk.Take(isGivenOut: false);

    /// <summary>The next event, or a watermark; the last one is a watermark.</summary>
    public SourceMessage Next()
    {
        if (_given >= RowsBetweenWatermarks && Here() is { } cursor)
        {
            _given = 0;
            return Mark(cursor);
        }

        while (_row < chunk.Rows.Count && !_isTruncated)
        {
            if (Event(chunk.Rows[_row], chunk.From.Ordinal + (ulong)++_row) is { } change)
            {
                _given++;
                return change;
            }
        }

        return End();
    }

    ChangeEvent? Event(Row row, ulong ordinal)
    {
        var position = At(ordinal);
        if (position.Order <= _table.After)
        {
            // Received before the connection broke.
            return null;
        }

        var key = chunk.Shape.Relation.KeyOf(row);
        if (chunk.Shape.Key.Count > 0 && _table.Changes.IsNewer(_snapshot, key, out var lacking))
        {
            if (lacking is null || lacking.Length != row.Count)
            {
                return null;
            }

            row = owner.Only(row, lacking);
        }

        _table.After = position.Order;
        return new ChangeEvent
        {
            Kind = ChangeKind.Snapshot,
            Subject = _table.Subject,
            Position = position,
            Key = key,
            After = row,
            OccurredAt = chunk.View.At,
        };
    }

    // Of a table without a key, a piece has no place within.
    SnapshotCursor? Here()
    {
        if (chunk.Shape.Key.Count == 0 || _row == chunk.Rows.Count)
        {
            return null;
        }

        var last = chunk.Shape.KeyOf(chunk.Rows[_row - 1]);
        return SnapshotCursor.Length(last) > SnapshotCursor.MaxLength ? null : chunk.From with
        {
            Ordinal = chunk.From.Ordinal + (ulong)_row,
            Rows = chunk.From.Rows + _row,
            Shape = chunk.Shape.Mark,
            Last = last,
        };
    }

    Watermark End()
    {
        IsTaken = true;
        _table.MoveTo(chunk.Next);
        _table.Changes.Forget(_snapshot);
        owner.Given(chunk);
        chunk.Take(isGivenOut: true);
        return Mark(chunk.Next);
    }

    Watermark Mark(SnapshotCursor cursor)
    {
        _table.After = UInt128.Max(_table.After, At(cursor.Ordinal).Order);
        return new Watermark(new SourcePosition(_table.Partition, _table.After)) { State = cursor.ToBytes() };
    }

    SourcePosition At(ulong ordinal) => new(_table.Partition, SnapshotOrder.Of(_high, _snapshot, ordinal));
}
