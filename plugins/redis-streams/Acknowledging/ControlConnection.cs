using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>The second connection, for what must not wait behind a blocking read. Opened at first need, and again after it broke; used in turn.</summary>
/// <param name="servers">Where.</param>
/// <param name="key">A key of the slot that all commands are about.</param>
sealed class ControlConnection(RedisServers servers, ReadOnlyMemory<byte> key) : IAsyncDisposable
{
    readonly SemaphoreSlim _turn = new(1, 1);
    RedisConnection? _connection;
    bool _isDisposed;

    /// <exception cref="RedisClientException">No connection, or what <paramref name="use"/> throws.</exception>
    public async ValueTask<T> UseAsync<T>(Func<RedisConnection, ValueTask<T>> use, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_isDisposed)
            {
                throw new RedisConnectionException("The source has ended; nothing is sent any more.");
            }

            if (_connection is not { IsOpen: true })
            {
                await CloseAsync().ConfigureAwait(false);
                _connection = await servers.ConnectAsync(key, cancellationToken).ConfigureAwait(false);
            }

            return await use(_connection).ConfigureAwait(false);
        }
        catch (RedisClientException e) when (e.NeedsOtherServer)
        {
            await CloseAsync().ConfigureAwait(false);
            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Goes to whichever server is the right one by now, at the next use.</summary>
    public async ValueTask LeaveAsync()
    {
        await _turn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            await CloseAsync().ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Closes it when whoever uses it is done; it is not opened again.</summary>
    public async ValueTask DisposeAsync()
    {
        Volatile.Write(ref _isDisposed, true);
        await LeaveAsync().ConfigureAwait(false);
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
