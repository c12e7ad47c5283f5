namespace Penstock.Redis;

/// <summary>
/// One connection with confirmed subscriptions. What comes is taken at once, however slow the reader is, and read in batches; after each
/// batch the session tells up to when everything was received.
/// </summary>
/// <remarks>
/// A proof of life is a PING that was answered, or a canary that came. The connection takes pushes and replies in order, so the pushes the
/// server sent before the PING are among those that wait when the proof is seen: once that many are taken, the proof holds.
/// </remarks>
sealed class SubscriptionSession : IAsyncDisposable
{
    static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(1);

    readonly RedisConnection _connection;
    readonly Subscription _subscription;
    readonly Canary? _canary;
    readonly Backlog _backlog;
    readonly TimeProvider _time;
    readonly CancellationToken _stop;
    readonly PeriodicTimer _timer;
    readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly CancellationTokenRegistration _stopping;
    readonly Task _pumping;
    List<RespValue> _batch = [];
    Task<bool>? _readable;
    Task<bool>? _tick;
    Task? _lastPing;

    SubscriptionSession(
        RedisConnection connection, SubscriptionPlan plan, Canary? canary, List<RespValue> early, TimeProvider time, CancellationToken stop)
    {
        _connection = connection;
        _subscription = plan.Feed.Subscription;
        _canary = canary;
        _time = time;
        _stop = stop;

        // The answer may have waited unread: what the server sent behind it is not proven to have come.
        ProvenAt = connection.LastAliveAt;
        SubscribedAt = time.GetUtcNow();
        _backlog = new Backlog(plan.MaxBacklog / 2, ProvenAt, push => _subscription.TryTake(push, out var message) && plan.Feed.IsWanted(message), time);
        _timer = new PeriodicTimer(Tick, time);
        _stopping = stop.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), _stopped);
        _pumping = Task.Run(() => PumpAsync(early), CancellationToken.None);
    }

    public string Node => _connection.Endpoint;

    /// <summary>For questions beside the subscriptions.</summary>
    public RedisConnection Connection => _connection;

    /// <summary>Whether a canary has shown that the way is open.</summary>
    public bool IsProven => _canary is { HasArrived: true };

    /// <summary>The canary's channel; null without one.</summary>
    public string? CanaryChannel => _canary?.Channel;

    /// <summary>When the confirmation of the last subscription had been received.</summary>
    public DateTimeOffset SubscribedAt { get; }

    /// <summary>Everything up to here was received, and is in the batches so far or was told to be dropped.</summary>
    public DateTimeOffset ProvenAt { get; private set; }

    /// <summary>What ended the connection; null while it lives.</summary>
    public RedisClientException? Failure => _connection.Pushes.Completion.Exception?.InnerException as RedisClientException;

    /// <summary>What came, in order.</summary>
    public IReadOnlyList<RespValue> Batch => _batch;

    /// <summary>What was dropped behind <see cref="Batch"/>; null when nothing was.</summary>
    public Overflow? Overflow { get; private set; }

    /// <summary>Subscribes, and waits until the server has carried it out. Owns the connection and the canary from then on.</summary>
    public static async Task<SubscriptionSession> SubscribeAsync(
        RedisConnection connection, SubscriptionPlan plan, ListenTarget target, Canary? canary, TimeProvider time, CancellationToken stop)
    {
        // Messages come between the confirmations, and unread pushes would hold up the last of them.
        var early = new List<RespValue>();
        var subscribing = connection.SubscribeAsync(target.Subscribe(canary?.Channel), stop).AsTask();
        while (!subscribing.IsCompleted)
        {
            await Task.WhenAny(subscribing, connection.Pushes.WaitToReadAsync(stop).AsTask()).ConfigureAwait(false);
            while (connection.Pushes.TryRead(out var push))
            {
                early.Add(push);
            }
        }

        await subscribing.ConfigureAwait(false);
        return new SubscriptionSession(connection, plan, canary, early, time, stop);
    }

    /// <summary>Waits for the next batch, which is empty when there is only a new proof of life.</summary>
    /// <returns>False when reading was stopped or the connection has ended, and everything was read.</returns>
    public async ValueTask<bool> NextAsync()
    {
        _batch.Clear();
        if (!await _backlog.WaitAsync().ConfigureAwait(false))
        {
            return false;
        }

        _batch = _backlog.Take(_batch, out var proven, out var overflow);
        (ProvenAt, Overflow) = (proven, overflow);
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        if (_canary is not null)
        {
            await _canary.DisposeAsync().ConfigureAwait(false);
        }

        await _connection.DisposeAsync().ConfigureAwait(false);
        await _pumping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _stopping.DisposeAsync().ConfigureAwait(false);
        _timer.Dispose();
    }

    async Task PumpAsync(List<RespValue> read)
    {
        try
        {
            for (var isLast = false; ;)
            {
                // The proof first: what it speaks of is among what is counted after it.
                var proven = _canary is { IsOn: true } ? _canary.ProvenAt : _connection.LastAliveAt;

                // A server that was replaced behind our back answers, too, and the canary is one of its own.
                proven = _connection.NamedAt is var named && named < proven ? named : proven;
                for (var left = _connection.Pushes.Count; left > 0 && _connection.Pushes.TryRead(out var push); left--)
                {
                    if (_canary?.Saw(push) != true)
                    {
                        read.Add(push);
                    }
                }

                _backlog.Add(read, proven);
                read.Clear();
                if (isLast || _connection.Pushes.Completion.IsCompleted)
                {
                    return;
                }

                if (_stop.IsCancellationRequested)
                {
                    _lastPing ??= PingAsync();
                    isLast = _lastPing.IsCompleted;
                }

                if (!isLast)
                {
                    await WaitAsync().ConfigureAwait(false);
                }
            }
        }
        finally
        {
            _backlog.End();
        }
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
