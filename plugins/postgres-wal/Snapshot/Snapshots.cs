using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Penstock.Sources.PostgresWal;

/// <summary>Which tables are to be read, and what the stream changes of them meanwhile. Outlives connections.</summary>
sealed class Snapshots
{
    static readonly TimeSpan BetweenReports = TimeSpan.FromSeconds(10);

    readonly PostgresWalOptions _options;
    readonly TableName[] _tables;
    readonly Counter<long> _rows;
    readonly KeyValuePair<string, object?>[] _labels;
    readonly StreamChanges _changes = new();
    readonly RowBuilder _partial = new();
    readonly Lock _lock = new();
    readonly List<SnapshotRequest> _requests = [];
    readonly Dictionary<string, (SnapshotCursor Cursor, UInt128 After)> _places = new(StringComparer.Ordinal);
    volatile SnapshotRun? _run;
    volatile bool _hasRequests;

    public Snapshots(PostgresWalOptions options, ConnectionSettings settings, SourceContext context, ILogger logger)
    {
        _options = options;
        _tables = [.. options.Tables.Select(TableName.Parse)];
        (Settings, Logger, Time, Readers) = (settings, logger, context.TimeProvider, context.Readers);
        _labels = [new("pipeline", context.Pipeline), new("source", context.Instance)];
        _rows = context.Meter.CreateCounter<long>("penstock_snapshot_rows_total", "{row}", "Rows that were read from tables beside the stream, those left out among them.");
    }

    public ConnectionSettings Settings { get; }

    public ILogger Logger { get; }

    public TimeProvider Time { get; }

    /// <summary>Whose stream it is.</summary>
    public ServerIdentity Server { get; private set; }

    /// <summary>How many tables are read side by side.</summary>
    public int Readers { get; }

    public string Publication => _options.Publication;

    /// <summary>Whether somebody asked for tables since it was looked last.</summary>
    public bool HasRequests => _hasRequests;

    /// <summary>Begins beside a stream of which nothing was read yet.</summary>
    public SnapshotRun Open(IReadOnlyList<Watermark> resumeAfter, EventAssembler events, ServerIdentity server, CancellationToken stopReading)
    {
        Server = server;
        events.Changes = _changes;
        _places.Clear();
        foreach (var watermark in resumeAfter)
        {
            if (TableSnapshot.SubjectOf(watermark.Position.Partition) is { } subject)
            {
                _places[subject] = (SnapshotCursor.Of(watermark), watermark.Position.Order);
            }
        }

        var run = new SnapshotRun(this, stopReading);
        var settled = Settle(run);
        foreach (var table in _tables)
        {
            var (cursor, after) = PlaceOf(table.ToString());
            if (!cursor.IsDone && (_options.Snapshot == SnapshotMode.Initial || cursor.Run > 0))
            {
                run.Add(new TableSnapshot(table, cursor, after, _changes.Track(table.ToString()), settled, tag: null), hasBegun: after > 0);
            }
        }

        lock (_lock)
        {
            _run = run;
            _hasRequests = _requests.Count > 0;
        }

        return run;
    }

    /// <summary>Has tables read again from their first row.</summary>
    public SnapshotRequest Request(IReadOnlyList<string> subjects)
    {
        var request = new SnapshotRequest(subjects);
        lock (_lock)
        {
            _requests.Add(request);
            _hasRequests = true;
        }

        _run?.Wake();
        return request;
    }

    /// <summary>Adds the tables that somebody asked for.</summary>
    public void AddRequested(SnapshotRun run)
    {
        lock (_lock)
        {
            _hasRequests = false;
            var settled = Settle(run);
            foreach (var table in _tables)
            {
                var subject = table.ToString();
                if (_requests.FindAll(request => request.IsToBegin(subject)) is { Count: > 0 } requests)
                {
                    var (cursor, after) = run.Find(subject) is { } known ? (known.Place.Cursor, known.After) : PlaceOf(subject);
                    run.Add(new TableSnapshot(table, cursor.Repeat(), after, _changes.Track(subject), settled, requests), hasBegun: false);
                }
            }
        }
    }

    /// <summary>The beginning of a table goes out.</summary>
    public void Begun(TableSnapshot table)
    {
        lock (_lock)
        {
            foreach (var request in _requests)
            {
                request.Begin(table.Subject, table.Tag);
            }

            _requests.RemoveAll(request => request.HasBegun);
        }
    }

    /// <summary>The host keeps these: what was asked for with them is sure to happen.</summary>
    public static void Keep(IReadOnlyList<Watermark> reached)
    {
        foreach (var watermark in reached)
        {
            if (watermark.Tag is List<SnapshotRequest> requests)
            {
                var subject = TableSnapshot.SubjectOf(watermark.Position.Partition)!;
                requests.ForEach(request => request.Keep(subject));
            }
        }
    }

    /// <summary>A piece was given out.</summary>
    public void Given(Chunk chunk)
    {
        var (table, cursor) = (chunk.Table, chunk.Next);
        _rows.Add(chunk.Rows.Count, _labels);
        if (cursor.IsDone && !table.IsAbandoned)
        {
            _changes.Untrack(table.Subject);
            Log.SnapshotEnds(Logger, table.Subject, cursor.Rows);
        }
        else if (table.Told is { } told && Time.GetElapsedTime(told) < BetweenReports)
        {
            return;
        }
        else
        {
            if (table.Told is not null)
            {
                Log.SnapshotGoesOn(Logger, table.Subject, cursor.Rows, chunk.View.EstimatedRows);
            }

            table.Told = Time.GetTimestamp();
        }
    }

    /// <summary>The row with only these fields and its key; the stream has told all others.</summary>
    public Row Only(Row row, bool[] fields)
    {
        _partial.Begin(row.Schema);
        for (var i = 0; i < row.Count; i++)
        {
            if (!fields[i] && !row.Schema[i].IsKey)
            {
                _partial.Append(FieldState.Unchanged);
            }
            else if (row.GetState(i) == FieldState.Present)
            {
                _partial.Append(row[i]);
            }
            else
            {
                _partial.Append(row.GetState(i));
            }
        }

        return _partial.Build();
    }

    /// <summary>What the host is told of an exception that ended the reading of a table.</summary>
    public PluginException Explain(Exception exception, TableName table) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } error => new PluginException(
            FailureKind.Permanent,
            $"The snapshot of table {table.Quoted} is refused: {error.MessageText}. It needs GRANT SELECT ON {table.Quoted} to the role, USAGE on the schema, and, with row-level "
            + "security, the BYPASSRLS attribute.",
            error),
        PostgresException error when Failures.IsUnreadable(error) => new PluginException(
            FailureKind.Permanent,
            $"The snapshot of table {table.Quoted} found a row that PostgreSQL cannot give out: {error.MessageText}. Correct or delete that row, or take the table out of \"tables\", or read "
            + "its changes alone with \"snapshot\": \"never\"; the stream itself is not concerned.",
            error),
        _ => Failures.Classify(exception, _options),
    };

    (SnapshotCursor Cursor, UInt128 After) PlaceOf(string subject) => _places.TryGetValue(subject, out var place) ? place : (SnapshotCursor.Start, 0);

    // Once for tables whose changes are remembered from the same moment on, and when the first is read.
    Lazy<Task> Settle(SnapshotRun run) => new(() => Settling.WaitAsync(Settings, Server, Time, Logger, run.End));
}
