namespace Penstock.Redis;

/// <summary>
/// Ends a connection when the sentinels name another primary. Most failovers cut it anyway; a server behind a broken network does not know
/// that it was replaced.
/// </summary>
sealed class PrimaryWatch : IAsyncDisposable
{
    static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    readonly RedisConnection _connection;
    readonly RedisEndpoint _primary;
    readonly Sentinels _sentinels;
    readonly TopologyChanges? _changes;
    readonly TimeProvider _time;
    readonly CancellationTokenSource _end = new();
    readonly Task _watching;
    RedisConnection? _sentinel;
    long _namedTicks;

    /// <param name="connection">Ended when its server is replaced.</param>
    /// <param name="primary">Its server, as the sentinel named it.</param>
    /// <param name="sentinel">Subscribed before it was asked, so that no failover is missed. Owned from now on.</param>
    /// <param name="sentinels">Where to go on when that one is gone.</param>
    /// <param name="changes">Told of another primary.</param>
    /// <param name="time">The clock.</param>
    public PrimaryWatch(
        RedisConnection connection, RedisEndpoint primary, RedisConnection sentinel, Sentinels sentinels, TopologyChanges? changes, TimeProvider time)
    {
        _connection = connection;
        _primary = primary;
        _sentinels = sentinels;
        _changes = changes;
        _time = time;
        _sentinel = sentinel;
        _namedTicks = sentinel.LastAliveAt.UtcTicks;
        _watching = WatchAsync(sentinel);
    }

    /// <summary>Up to when a sentinel has told of no other primary: it answers PING about once a second, behind what it tells of failovers.</summary>
    public DateTimeOffset NamedAt
    {
        get
        {
            // What it told before it answered is in the pushes by then.
            if (Volatile.Read(ref _sentinel) is { } sentinel && sentinel.LastAliveAt is var at && sentinel.Pushes.Count == 0
                && Volatile.Read(ref _sentinel) == sentinel)
            {
                Volatile.Write(ref _namedTicks, at.UtcTicks);
            }

            return new DateTimeOffset(Volatile.Read(ref _namedTicks), TimeSpan.Zero);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        _end.Dispose();
    }

    async Task WatchAsync(RedisConnection first)
    {
        try
        {
            for (var sentinel = first; ; sentinel = await ReconnectAsync().ConfigureAwait(false))
            {
                await using var closing = sentinel.ConfigureAwait(false);
                if (await WaitAsync(sentinel).ConfigureAwait(false))
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // The connection was ended by somebody else.
        }
    }

    // Until another primary is named (true), or the sentinel is gone (false).
    async ValueTask<bool> WaitAsync(RedisConnection sentinel)
    {
        try
        {
            while (await sentinel.Pushes.WaitToReadAsync(_end.Token).ConfigureAwait(false))
            {
                // It counts as unread until we know what it says.
                while (sentinel.Pushes.TryPeek(out var push))
                {
                    if (_sentinels.Switched(push) is { } named && IsReplacedBy(named, sentinel))
                    {
                        return true;
                    }

                    sentinel.Pushes.TryRead(out _);
                }
            }
        }
        catch (RedisClientException)
        {
            // The next sentinel is asked.
        }

        return false;
    }

    async ValueTask<RedisConnection> ReconnectAsync()
    {
        while (true)
        {
            foreach (var endpoint in _sentinels.Endpoints)
            {
                try
                {
                    var sentinel = await _sentinels.ConnectAsync(RedisEndpoint.Parse(endpoint), _end.Token).ConfigureAwait(false);
                    try
                    {
                        // It may have happened meanwhile.
                        if (!IsReplacedBy(await _sentinels.AskAsync(sentinel, _end.Token).ConfigureAwait(false), sentinel))
                        {
                            Volatile.Write(ref _sentinel, sentinel);
                        }

                        return sentinel;
                    }
                    catch
                    {
                        await sentinel.DisposeAsync().ConfigureAwait(false);
                        throw;
                    }
                }
                catch (RedisClientException)
                {
                    // Without any sentinel the connection goes on, and proves nothing until one is back.
                }
            }

            await Task.Delay(RetryDelay, _time, _end.Token).ConfigureAwait(false);
        }
    }

    bool IsReplacedBy(RedisEndpoint named, RedisConnection sentinel)
    {
        if (named == _primary)
        {
            return false;
        }

        _changes?.Saw(named, RedisEndpoint.Parse(sentinel.Endpoint));
        Volatile.Write(ref _sentinel, null);
        _connection.Abort(new PrimaryReplacedException($"{_primary} is not the primary any more: sentinel {sentinel.Endpoint} names {named}."));
        return true;
    }
}
