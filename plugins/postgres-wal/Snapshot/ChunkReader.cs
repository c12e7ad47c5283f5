using System.Buffers.Binary;
using Npgsql;

namespace Penstock.Sources.PostgresWal;

/// <summary>Reads a table in pieces, each in a short transaction of its own.</summary>
/// <remarks>
/// Npgsql cancels through a second connection that blocks, on a thread that may have to watch the first (see <see cref="ReplicationSession"/>). So it
/// gets no token: a piece that is not wanted any more is left at its next row.
/// </remarks>
sealed class ChunkReader(ConnectionSettings settings, ServerIdentity server, string publication, TableName table) : IAsyncDisposable
{
    const int FewestRows = 100;
    const int MostRows = 25_000;
    const long WantedBytes = 8 * 1024 * 1024;
    const long FewestBlocks = 16;

    // Blocks may hold the addresses of values elsewhere, so rows of a few blocks may be large.
    const long MostBlocks = 1024;
    const int Growth = 4;

    // Without an encoding the server would refuse bytes that are no UTF-8; see ConnectionSettings.
    // Pieces of a table are to be found by its index, whatever the planner knows of a table that was just filled; and are to disturb nobody.
    const string Settings = """
        SET row_security = off; SET enable_seqscan = off; SET enable_sort = off; SET jit = off; SET max_parallel_workers_per_gather = 0;
        SET statement_timeout = 0; SET lock_timeout = '10s';
        SELECT set_config('client_encoding', CASE current_setting('server_encoding') WHEN 'SQL_ASCII' THEN 'SQL_ASCII' ELSE 'UTF8' END, false)
        """;

    const int RowsOnSocketThread = 256;

    NpgsqlConnection? _connection;
    TableShape? _shape;
    int _limit = FewestRows;
    long _blocks = FewestBlocks;

    /// <summary>Reads what follows a place; the rows are at most a few thousand, or some megabytes.</summary>
    public async ValueTask<Chunk> ReadAsync(TableSnapshot owner, int reading, SnapshotCursor from, CancellationToken cancellationToken)
    {
        var connection = _connection ??= await OpenAsync(cancellationToken).ConfigureAwait(false);
        var isWhole = false;
        try
        {
            var view = await BeginAsync(connection).ConfigureAwait(false);
            if (_shape is null || !_shape.IsOf(view))
            {
                _shape = new TableShape(table, view);
            }

            if (from.Last.Length > 0 && from.Shape != _shape.Mark)
            {
                // Another table under this name, or another key: the place means nothing.
                from = from.FromFirstRow();
            }

            if (_shape.OperatorSchemas is { Length: > 0 } schemas)
            {
                // By the operators of another type, text's say, the rows would have another order than the index has.
                await ExecuteAsync(connection, $"SET LOCAL search_path = pg_catalog, {schemas}").ConfigureAwait(false);
            }

            var chunk = new Chunk(owner, reading, view, _shape) { From = from };
            isWhole = await ReadAsync(connection, chunk, _shape, cancellationToken).ConfigureAwait(false);
            if (isWhole)
            {
                await ExecuteAsync(connection, "COMMIT").ConfigureAwait(false);
            }

            return chunk;
        }
        finally
        {
            if (!isWhole)
            {
                // What was not read to its end would be sent on, and the transaction kept.
                await DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    async ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = await settings.OpenTablesAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await SameServer.CheckAsync(connection, server).ConfigureAwait(false);
            await ExecuteAsync(connection, Settings).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // Locked first: a table that is rewritten or truncated after the snapshot was taken would look empty.
    async ValueTask<TableView> BeginAsync(NpgsqlConnection connection)
    {
        var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"),
                new NpgsqlBatchCommand(ChunkQuery.Lock(table)),
                new NpgsqlBatchCommand(TableView.Query(connection.PostgreSqlVersion.Major))
                {
                    Parameters = { new() { Value = table.Schema }, new() { Value = table.Name }, new() { Value = publication } },
                },
            },
        };
        await using var _ = batch.ConfigureAwait(false);
        var reader = await batch.ExecuteReaderAsync(CancellationToken.None).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        return await TableView.ReadAsync(reader).ConfigureAwait(false) is { } view && view.Columns.Any(column => column.IsSent)
            ? view
            : throw new PluginException(FailureKind.Transient, $"The publication \"{publication}\" sends nothing of table {table.Quoted}.");
    }

    // False when it was cut short.
    async ValueTask<bool> ReadAsync(NpgsqlConnection connection, Chunk chunk, TableShape shape, CancellationToken cancellationToken) =>
        shape.Key.Count > 0
            ? await ReadByKeyAsync(connection, chunk, shape, cancellationToken).ConfigureAwait(false)
            : await ReadByBlocksAsync(connection, chunk, shape, cancellationToken).ConfigureAwait(false);

    async ValueTask<bool> ReadByKeyAsync(NpgsqlConnection connection, Chunk chunk, TableShape shape, CancellationToken cancellationToken)
    {
        var sql = ChunkQuery.ByKey(table, shape, chunk.View, chunk.From.Last, _limit);
        var isWhole = await CopyAsync(connection, chunk, sql, WantedBytes, cancellationToken).ConfigureAwait(false);
        var isLast = isWhole && chunk.Rows.Count < _limit;
        chunk.Next = chunk.Rows is [.., var last] ? At(chunk, shape, shape.KeyOf(last), isLast) : chunk.From with { IsDone = isLast };
        _limit = (int)Next(chunk.Rows.Count, _limit, MostRows, chunk.Bytes);
        return isWhole;
    }

    async ValueTask<bool> ReadByBlocksAsync(NpgsqlConnection connection, Chunk chunk, TableShape shape, CancellationToken cancellationToken)
    {
        var (from, end) = chunk.From.Last is [var first, var last]
            ? (BinaryPrimitives.ReadInt64BigEndian(first), BinaryPrimitives.ReadInt64BigEndian(last))
            : (0, chunk.View.Blocks);
        var to = Math.Min(from + _blocks, end);
        var sql = ChunkQuery.ByBlocks(table, shape, chunk.View, from, to);
        if (!await CopyAsync(connection, chunk, sql, to - from > 1 ? WantedBytes * 2 : long.MaxValue, cancellationToken).ConfigureAwait(false))
        {
            // Values that lie elsewhere: again, block by block.
            _blocks = 1;
            chunk.Rows.Clear();
            chunk.Bytes = 0;
            chunk.Next = chunk.From;
            return false;
        }

        byte[][] place = [new byte[sizeof(long)], new byte[sizeof(long)]];
        BinaryPrimitives.WriteInt64BigEndian(place[0], to);
        BinaryPrimitives.WriteInt64BigEndian(place[1], end);
        chunk.Next = At(chunk, shape, place, isLast: to >= end);
        _blocks = Next(_blocks, _blocks, MostBlocks, chunk.Bytes);
        return true;
    }

    static async ValueTask<bool> CopyAsync(NpgsqlConnection connection, Chunk chunk, string sql, long limit, CancellationToken cancellationToken)
    {
        var reader = (StreamReader)await connection.BeginTextExportAsync(sql, CancellationToken.None).ConfigureAwait(false);
        var rows = new CopyRows(reader.BaseStream);
        while (await rows.ReadAsync(chunk.Shape.Relation.Schema).ConfigureAwait(false) is { } row)
        {
            chunk.Rows.Add(row);
            chunk.Bytes = rows.Bytes;
            if (rows.Bytes >= limit)
            {
                return false;
            }

            cancellationToken.ThrowIfCancellationRequested();

            if (chunk.Rows.Count % RowsOnSocketThread == 0 && !Thread.CurrentThread.IsThreadPoolThread)
            {
                await Task.Yield();
            }
        }

        reader.Dispose();
        return true;
    }

    SnapshotCursor At(Chunk chunk, TableShape shape, byte[][] last, bool isLast)
    {
        var length = SnapshotCursor.Length(last);
        return length <= SnapshotCursor.MaxLength
            ? chunk.From with
            {
                Ordinal = chunk.From.Ordinal + (ulong)chunk.Rows.Count,
                Rows = chunk.From.Rows + chunk.Rows.Count,
                IsDone = isLast,
                Shape = shape.Mark,
                Last = last,
            }
            : throw new PluginException(
                FailureKind.Permanent,
                $"A key of table {table.Quoted} takes {length} bytes in the checkpoint, expected at most {SnapshotCursor.MaxLength}: the table cannot be read in pieces. "
                + "Give it a shorter primary key, or take it out of \"tables\"; its changes can be read with \"snapshot\": \"never\".");
    }

    // As many as make half a piece of the wanted size, but not many more at once: what follows may be larger.
    static long Next(long read, long limit, long most, long bytes) =>
        Math.Clamp(bytes == 0 ? most : WantedBytes / 2 * read / bytes, 1, Math.Min(most, limit * Growth));

    static async ValueTask ExecuteAsync(NpgsqlConnection connection, string sql)
    {
#pragma warning disable CA2100
        var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await using var _ = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
    }
}
