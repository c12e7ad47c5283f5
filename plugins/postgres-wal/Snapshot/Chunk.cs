namespace Penstock.Sources.PostgresWal;

/// <summary>A piece of a table that was read, and waits until the stream has told all that it sees.</summary>
sealed class Chunk(TableSnapshot table, int reading, TableView view, TableShape shape)
{
    readonly TaskCompletionSource<bool> _taken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TableSnapshot Table { get; } = table;

    /// <summary>Which attempt to read the table it belongs to; those of an earlier one are dropped.</summary>
    public int Reading { get; } = reading;

    public TableView View { get; } = view;

    public TableShape Shape { get; } = shape;

    public List<Row> Rows { get; } = [];

    /// <summary>The bytes of its rows as they came.</summary>
    public long Bytes { get; set; }

    /// <summary>Where the table stands before it.</summary>
    public required SnapshotCursor From { get; init; }

    /// <summary>Where the table stands after it.</summary>
    public SnapshotCursor Next { get; set; } = SnapshotCursor.Start;

    /// <summary>Ends with whether it was given out.</summary>
    public Task<bool> Taken => _taken.Task;

    public void Take(bool isGivenOut) => _taken.TrySetResult(isGivenOut);
}
