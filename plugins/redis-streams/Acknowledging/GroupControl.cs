using Microsoft.Extensions.Logging;
using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>The second connection, for what must not wait behind a blocking read: XACK, and the end of that read. Opened at first need.</summary>
sealed class GroupControl(
    RedisStreamsOptions options, RedisServers servers, InFlightEntries inFlight, ILogger log) : IAsyncDisposable
{
    readonly SemaphoreSlim _turn = new(1, 1);
    readonly CommandBuffer _commands = new();
    readonly List<EntryBatch> _owed = [];
    readonly CancellationTokenSource _refused = new();
    RedisConnection? _connection;
    RedisClientException? _refusal;

    /// <summary>Cancelled when the server refuses acknowledgements for good.</summary>
    public CancellationToken Refused => _refused.Token;

    /// <exception cref="PluginException">The server refuses acknowledgements for good: whatever is read would stay pending for ever.</exception>
    public void ThrowIfRefused()
    {
        if (Volatile.Read(ref _refusal) is { } refusal)
        {
            throw refusal.ToPluginException($"Acknowledging {string.Join(", ", options.Streams)} as group \"{options.Group}\"");
        }
    }

    /// <summary>
    /// Acknowledges these batches and what is owed from before. What fails is kept, the entries stay pending for longer; after a refusal
    /// for good nothing is tried any more.
    /// </summary>
    public async ValueTask AcknowledgeAsync(IReadOnlyList<Watermark> reached, CancellationToken cancellationToken)
    {
        if (_refusal is not null)
        {
            return;
        }

        await _turn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            foreach (var watermark in reached)
            {
                if (watermark.Tag is EntryBatch batch)
                {
                    _owed.Add(batch);
                }
            }

            await PayAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (RedisClientException e) when (e.Kind == FailureKind.Permanent)
        {
            log.AcknowledgeIsRefused(_owed.Count, e.Message);
            _owed.Clear();
            Volatile.Write(ref _refusal, e);
        }
        catch (Exception e) when (e is RedisClientException or OperationCanceledException)
        {
            log.AcknowledgeFails(_owed.Count, e.Message);
            if (e is RedisClientException { NeedsOtherServer: true })
            {
                await CloseAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _turn.Release();
        }

        if (_refusal is not null)
        {
            await _refused.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Ends a client's blocking read with an empty reply; a read that does not wait is left alone. Best effort.</summary>
    public async Task UnblockAsync(long clientId)
    {
        await _turn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            var connection = await ConnectAsync(CancellationToken.None).ConfigureAwait(false);
            _commands.Clear();
            _commands.Begin(3);
            _commands.Add("CLIENT"u8);
            _commands.Add("UNBLOCK"u8);
            _commands.Add(clientId);
            await connection.ExecuteAsync(_commands, TimeSpan.Zero, CancellationToken.None).ConfigureAwait(false);
        }
        catch (RedisClientException)
        {
            // The read ends by itself, no later than its BLOCK.
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await AcknowledgeAsync([], CancellationToken.None).ConfigureAwait(false);
        await CloseAsync().ConfigureAwait(false);
        _refused.Dispose();
    }

    async ValueTask PayAsync(CancellationToken cancellationToken)
    {
        Drop(static batch => batch.Generation != batch.Stream.Generation || batch.Ids.IsEmpty);
        if (_owed.Count == 0)
        {
            return;
        }

        var connection = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        _commands.Clear();
        foreach (var batch in _owed)
        {
            Encode(batch);
        }

        var replies = new RespValue[_owed.Count];
        await connection.ExecuteAsync(_commands, replies, cancellationToken).ConfigureAwait(false);
        var refusal = Array.Find(replies, reply => reply.IsError);
        var index = 0;
        Drop(_ => !replies[index++].IsError);
        refusal.OrThrow();
    }

    void Drop(Predicate<EntryBatch> isDone) => _owed.RemoveAll(batch =>
    {
        var done = isDone(batch);
        if (done)
        {
            inFlight.Remove(batch);
        }

        return done;
    });

    void Encode(EntryBatch batch)
    {
        var ids = batch.Ids;
        _commands.Begin(3 + ids.Length);
        _commands.Add("XACK"u8);
        _commands.Add(batch.Stream.NameBytes);
        _commands.Add(options.Group!);
        foreach (var id in ids)
        {
            id.AddTo(_commands);
        }
    }

    async ValueTask<RedisConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        if (_connection is { IsOpen: true } open)
        {
            return open;
        }

        await CloseAsync().ConfigureAwait(false);
        _connection = await servers.ConnectAsync(cancellationToken).ConfigureAwait(false);
        return _connection;
    }

    async ValueTask CloseAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}
