using System.Threading.Channels;
using Npgsql;

namespace Penstock.Sources.PostgresWal;

/// <summary>Reads tables side by side, each ahead of what is given out by no more than a piece that waits and one that is on its way.</summary>
sealed class SnapshotReaders : IAsyncDisposable
{
    static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(1);

    readonly Snapshots _owner;
    readonly Action _wake;
    readonly Channel<TableSnapshot> _tables = Channel.CreateUnbounded<TableSnapshot>();
    readonly Channel<Chunk> _chunks;
    readonly CancellationToken _end;
    readonly Task[] _working;

    /// <param name="owner">Whose tables they are.</param>
    /// <param name="wake">Called when there is something to take.</param>
    /// <param name="end">Ends the reading.</param>
    public SnapshotReaders(Snapshots owner, Action wake, CancellationToken end)
    {
        (_owner, _wake, _end) = (owner, wake, end);
        _chunks = Channel.CreateBounded<Chunk>(owner.Readers);
        _working = [.. Enumerable.Range(0, owner.Readers).Select(_ => Task.Run(WorkAsync))];
    }

    /// <summary>What ended the reading; null for nothing.</summary>
    public PluginException? Failure { get; private set; }

    public void Add(TableSnapshot table) => _tables.Writer.TryWrite(table);

    public bool TryTake(out Chunk? chunk) => _chunks.Reader.TryRead(out chunk);

    /// <summary>Waits for the readers, which were told to end. One that waits for a lock ends by itself, later; what it reads goes nowhere.</summary>
    public async ValueTask DisposeAsync() =>
        await Task.WhenAll(_working).WaitAsync(EndTimeout, _owner.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    async Task WorkAsync()
    {
        await foreach (var table in _tables.Reader.ReadAllAsync(_end).ConfigureAwait(false))
        {
            try
            {
                await ReadAsync(table).ConfigureAwait(false);
            }
            catch (Exception e) when (!_end.IsCancellationRequested)
            {
                Failure = _owner.Explain(e, table.Table);
                _wake();
                return;
            }
        }
    }

    async Task ReadAsync(TableSnapshot table)
    {
        await table.Settled.ConfigureAwait(false);
        table.IsRead = true;
        var reader = new ChunkReader(_owner.Settings, _owner.Server, _owner.Publication, table.Table);
        await using var _ = reader.ConfigureAwait(false);
        var (reading, next) = table.Place;
        var isTold = false;
        while (reading >= 0)
        {
            if (await TryReadAsync(reader, table, reading, next).ConfigureAwait(false) is { } chunk)
            {
                if (!isTold)
                {
                    Log.SnapshotBegins(_owner.Logger, table.Subject, chunk.From.Rows, chunk.View.EstimatedRows);
                    isTold = true;
                }

                next = chunk.Next;
                await _chunks.Writer.WriteAsync(chunk, _end).ConfigureAwait(false);
                _wake();
                if (next.IsDone && await chunk.Taken.WaitAsync(_end).ConfigureAwait(false))
                {
                    return;
                }
            }

            if (table.Place is var place && place.Reading != reading)
            {
                // The table has changed since, or its snapshot begins anew: what was read ahead is dropped.
                (reading, next) = place;
            }
        }
    }

    async ValueTask<Chunk?> TryReadAsync(ChunkReader reader, TableSnapshot table, int reading, SnapshotCursor from)
    {
        try
        {
            return await reader.ReadAsync(table, reading, from, _end).ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            Log.SnapshotLocked(_owner.Logger, table.Subject);
            return null;
        }
    }
}
