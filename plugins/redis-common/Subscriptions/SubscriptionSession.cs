namespace Penstock.Redis;

/// <summary>
/// One connection with confirmed subscriptions, read in batches; after each batch it tells up to when everything was received.
/// </summary>
/// <remarks>
/// A proof of life is a PING that was answered. The connection takes pushes and replies in order, so the pushes the server sent before the
/// PING are among those that wait when the proof is seen: once that many are read, the proof holds. A reader that falls behind delays the
/// answer too, and so never looks alive beyond what it has received.
/// </remarks>
sealed class SubscriptionSession : IAsyncDisposable
{
    static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(1);

    readonly RedisConnection _connection;
    readonly TimeProvider _time;
    readonly CancellationToken _stop;
    readonly Queue<RespValue> _early;
    readonly PeriodicTimer _timer;
    readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly CancellationTokenRegistration _stopping;
    DateTimeOffset _lastAlive;
    bool _hasProof = true;
    bool _isLast;
    int _left;
    Task<bool>? _readable;
    Task<bool>? _tick;
    Task? _lastPing;

    SubscriptionSession(RedisConnection connection, Queue<RespValue> early, TimeProvider time, CancellationToken stop)
    {
        _connection = connection;
        _early = early;
        _time = time;
        _stop = stop;

        // The answer may have waited unread: what the server sent behind it is not proven to have come.
        ProvenAt = _lastAlive = connection.LastAliveAt;
        SubscribedAt = time.GetUtcNow();
        _timer = new PeriodicTimer(Tick, time);
        _stopping = stop.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), _stopped);
    }

    public string Node => _connection.Endpoint;

    /// <summary>For questions beside the subscriptions.</summary>
    public RedisConnection Connection => _connection;

    /// <summary>When the confirmation of the last subscription had been received.</summary>
    public DateTimeOffset SubscribedAt { get; }

    /// <summary>Everything up to here was received, and was read with the batches so far.</summary>
    public DateTimeOffset ProvenAt { get; private set; }

    /// <summary>What ended the connection; null while it lives.</summary>
    public RedisClientException? Failure => _connection.Pushes.Completion.Exception?.InnerException as RedisClientException;

    /// <summary>Subscribes, and waits until the server has carried it out. Owns the connection from then on.</summary>
    public static async Task<SubscriptionSession> SubscribeAsync(
        RedisConnection connection, Subscription subscription, TimeProvider time, CancellationToken stop)
    {
        // Messages come between the confirmations, and unread pushes would hold up the last of them.
        var early = new Queue<RespValue>();
        var subscribing = connection.SubscribeAsync(subscription.Commands(), stop).AsTask();
        while (!subscribing.IsCompleted)
        {
            await Task.WhenAny(subscribing, connection.Pushes.WaitToReadAsync(stop).AsTask()).ConfigureAwait(false);
            while (connection.Pushes.TryRead(out var push))
            {
                early.Enqueue(push);
            }
        }

        await subscribing.ConfigureAwait(false);
        return new SubscriptionSession(connection, early, time, stop);
    }

    /// <summary>Waits for the next batch, which is empty when there is only a new proof of life.</summary>
    /// <returns>False when reading was stopped or the connection has ended.</returns>
    public async ValueTask<bool> NextAsync()
    {
        while (true)
        {
            if (_isLast)
            {
                return false;
            }

            if (_stop.IsCancellationRequested)
            {
                _lastPing ??= PingAsync();
                _isLast = _lastPing.IsCompleted;
            }

            TakeStock();
            if (_left > 0 || _hasProof || _isLast)
            {
                return true;
            }

            if (_connection.Pushes.Completion.IsCompleted)
            {
                return false;
            }

            await WaitAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Reads the next push of the batch.</summary>
    public bool TryRead(out RespValue push)
    {
        if (_left == 0)
        {
            push = default;
            return false;
        }

        _left--;
        return _early.TryDequeue(out push) || _connection.Pushes.TryRead(out push);
    }

    /// <summary>Whether <see cref="ProvenAt"/> is new. Ask when the batch is read.</summary>
    public bool TakeProof() => _hasProof && !(_hasProof = false);

    public async ValueTask DisposeAsync()
    {
        await _stopping.DisposeAsync().ConfigureAwait(false);
        _timer.Dispose();
        await _connection.DisposeAsync().ConfigureAwait(false);
    }

    // The proof first: what it speaks of is among what is counted after it.
    void TakeStock()
    {
        var alive = _connection.LastAliveAt;
        if (alive != _lastAlive)
        {
            _lastAlive = ProvenAt = alive;
            _hasProof = true;
        }

        _left = _early.Count + _connection.Pushes.Count;
    }

    async Task WaitAsync()
    {
        _readable = _readable is { IsCompleted: false } ? _readable : _connection.Pushes.WaitToReadAsync(CancellationToken.None).AsTask();
        _tick = _tick is { IsCompleted: false } ? _tick : _timer.WaitForNextTickAsync(CancellationToken.None).AsTask();
        await Task.WhenAny(_readable, _tick, _lastPing ?? _stopped.Task).ConfigureAwait(false);
    }

    // When the answer does not come, the last proof we have stands.
    async Task PingAsync() =>
        await _connection.PingAsync().WaitAsync(StopPatience, _time, CancellationToken.None)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
