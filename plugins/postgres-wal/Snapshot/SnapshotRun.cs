using System.Diagnostics.CodeAnalysis;

namespace Penstock.Sources.PostgresWal;

/// <summary>
/// The snapshots beside one stream: gives out pieces that were read once the stream has told all that they see, between two transactions.
/// Belongs to the reader of the stream.
/// </summary>
sealed class SnapshotRun : IAsyncDisposable
{
    // An idle server's progress is in its keepalives, which complete no read.
    static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(5);

    readonly Snapshots _owner;
    readonly Dictionary<string, TableSnapshot> _tables = new(StringComparer.Ordinal);
    readonly Queue<TableSnapshot> _beginning = new();
    readonly CancellationTokenRegistration _stopping;
    readonly CancellationTokenSource _end = new();
    SnapshotReaders? _readers;
    CancellationTokenSource _wake = new();
    Chunk? _waiting;
    ChunkEvents? _current;

    public SnapshotRun(Snapshots owner, CancellationToken stopReading)
    {
        _owner = owner;
        _stopping = stopReading.Register(Wake);
    }

    /// <summary>How long to wait for the stream at most; null for as long as it takes.</summary>
    public TimeSpan? Patience => _waiting is not null || _beginning.Count > 0 ? Glance : null;

    /// <summary>Cancelled when there may be something to take. To be asked for before looking.</summary>
    public CancellationToken Woken
    {
        get
        {
            if (_wake.IsCancellationRequested)
            {
                _wake = new CancellationTokenSource();
            }

            return _wake.Token;
        }
    }

    /// <summary>Ends what works for it.</summary>
    public CancellationToken End => _end.Token;

    /// <summary>The table as this run has it; null when it does not.</summary>
    public TableSnapshot? Find(string subject) => _tables.GetValueOrDefault(subject);

    /// <summary>Begins to read a table, or goes on; one that is being read is left.</summary>
    /// <param name="table">The table; its changes are remembered from before now on.</param>
    /// <param name="hasBegun">Whether the checkpoint may have its beginning.</param>
    public void Add(TableSnapshot table, bool hasBegun)
    {
        if (_tables.TryGetValue(table.Subject, out var before))
        {
            before.Abandon();
        }

        _tables[table.Subject] = table;
        if (hasBegun)
        {
            Read(table);
        }
        else
        {
            _beginning.Enqueue(table);
        }
    }

    /// <summary>Ends waits that begin later, too, until what they wait for was looked at.</summary>
    public void Wake() => _ = _wake.CancelAsync();

    /// <summary>The next event or watermark, if one is due.</summary>
    /// <param name="events">The stream's; theirs come first.</param>
    /// <param name="received">How far the stream has come.</param>
    /// <param name="stopReading">Ends at a watermark.</param>
    /// <param name="message">What is due.</param>
    public bool TryTake(EventAssembler events, ulong received, CancellationToken stopReading, [NotNullWhen(true)] out SourceMessage? message)
    {
        message = null;
        if (_readers?.Failure is { } failure)
        {
            throw failure;
        }

        if (_owner.HasRequests)
        {
            _owner.AddRequested(this);
            if (_current is { IsAbandoned: true })
            {
                _current.Drop();
                _current = null;
            }
        }

        if (events.IsOpen || received == 0)
        {
            return false;
        }

        if (stopReading.IsCancellationRequested && _current is not { IsAmid: true })
        {
            return false;
        }

        if (_current is null && !TryBegin(events, received, out message))
        {
            return false;
        }

        message ??= _current!.Next();
        if (_current is { IsTaken: true })
        {
            _current = null;
        }

        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.DisposeAsync().ConfigureAwait(false);
        await _end.CancelAsync().ConfigureAwait(false);
        if (_readers is { } readers)
        {
            await readers.DisposeAsync().ConfigureAwait(false);
        }
    }

    // Either a message is due, or events of a piece are.
    bool TryBegin(EventAssembler events, ulong received, out SourceMessage? message)
    {
        message = null;
        while (_beginning.Count > 0 || _waiting is not null || TryReceive())
        {
            if (_beginning.Count == 0 && !_waiting!.Table.Takes(_waiting))
            {
                _waiting.Take(isGivenOut: false);
                _waiting = null;
                continue;
            }

            if (_beginning.Count == 0 && received < _waiting!.View.Reach)
            {
                return false;
            }

            // The stream's own place first: one that has only snapshots in its checkpoint would not notice a slot that was made anew.
            events.Start();
            if (events.TryTake(out message))
            {
                return true;
            }

            if (_beginning.TryDequeue(out var table))
            {
                message = Begin(table, received);
                return true;
            }

            _current = new ChunkEvents(_waiting!, _owner);
            _waiting = null;
            return true;
        }

        return false;
    }

    // What a piece sees is seen by all that are read later, so it need not be remembered for them.
    bool TryReceive()
    {
        if (_readers?.TryTake(out _waiting) != true)
        {
            return false;
        }

        foreach (var table in _tables.Values)
        {
            if (table == _waiting!.Table || !table.IsRead)
            {
                table.Changes.Forget(_waiting.View.Snapshot);
            }
        }

        return true;
    }

    Watermark Begin(TableSnapshot table, ulong received)
    {
        var cursor = table.Place.Cursor;
        var position = new SourcePosition(table.Partition, SourcePosition.Compose(table.HighOf(received), cursor.Ordinal));
        if (position.Order <= table.After)
        {
            position = new SourcePosition(table.Partition, SourcePosition.Compose((ulong)(table.After >> 64) + 1, cursor.Ordinal));
        }

        table.After = position.Order;
        _owner.Begun(table);
        Read(table);
        return new Watermark(position) { State = cursor.ToBytes(), Tag = table.Tag };
    }

    void Read(TableSnapshot table) => (_readers ??= new SnapshotReaders(_owner, Wake, End)).Add(table);
}
