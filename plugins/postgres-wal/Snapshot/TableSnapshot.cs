namespace Penstock.Sources.PostgresWal;

/// <summary>A table under snapshot. Its reader goes ahead; what counts is what was given out.</summary>
sealed class TableSnapshot(TableName table, SnapshotCursor cursor, UInt128 after, TableChanges changes, Lazy<Task> settled, object? tag)
{
    const string Prefix = "snapshot:";

    readonly Lock _lock = new();
    SnapshotCursor _cursor = cursor;
    int _reading;
    int _shapes = changes.Shapes;
    volatile bool _isRead;

    public TableName Table { get; } = table;

    public string Subject { get; } = table.ToString();

    /// <summary>Of its positions; the same instance for all.</summary>
    public string Partition { get; } = PartitionOf(table.ToString());

    /// <summary>The highest position that was given out before.</summary>
    public UInt128 After { get; set; } = after;

    /// <summary>What the stream changed since the snapshot began.</summary>
    public TableChanges Changes { get; } = changes;

    /// <summary>Ends when whatever was committed before the changes were remembered is visible.</summary>
    public Task Settled => settled.Value;

    /// <summary>Whether a reader has begun: before that, whatever it will read sees all that any piece sees by now.</summary>
    public bool IsRead
    {
        get => _isRead;
        set => _isRead = value;
    }

    /// <summary>What asked for this run; goes out with its beginning.</summary>
    public object? Tag { get; } = tag;

    /// <summary>When its progress was told last.</summary>
    public long? Told { get; set; }

    /// <summary>Where what was given out ends, and which attempt goes on from there.</summary>
    public (int Reading, SnapshotCursor Cursor) Place
    {
        get
        {
            lock (_lock)
            {
                return (_reading, _cursor);
            }
        }
    }

    public static string PartitionOf(string subject) => Prefix + subject;

    public static string? SubjectOf(string partition) =>
        partition.StartsWith(Prefix, StringComparison.Ordinal) ? partition[Prefix.Length..] : null;

    /// <summary>Whether a piece is the one that follows what was given out, of the table as it is.</summary>
    public bool Takes(Chunk chunk)
    {
        lock (_lock)
        {
            if (_shapes != Changes.Shapes || Changes.IsBeyond(chunk.View.Snapshot))
            {
                _shapes = Changes.Shapes;
                _reading++;
            }

            return chunk.Reading == _reading;
        }
    }

    public void MoveTo(SnapshotCursor cursor)
    {
        lock (_lock)
        {
            _cursor = cursor;
        }
    }

    /// <summary>Whether another run has taken its place.</summary>
    public bool IsAbandoned => Place.Reading < 0;

    /// <summary>The upper half of positions of what was read at this LSN; never lower than one before.</summary>
    /// <remarks>
    /// Where it is that of the last position, nothing was written between, and the same rows have the same positions. It can be lower only after the
    /// server lost what it had not flushed.
    /// </remarks>
    public ulong HighOf(ulong lsn) => (ulong)(After >> 64) is var last && lsn >= last ? lsn : last + 1;

    /// <summary>Drops what was read and not given out, for good.</summary>
    public void Abandon()
    {
        lock (_lock)
        {
            _reading = int.MinValue;
        }
    }
}
