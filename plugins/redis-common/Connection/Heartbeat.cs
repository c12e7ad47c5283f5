namespace Penstock.Redis;

/// <summary>
/// Keeps asking a subscriber's server whether it is there. RESP3 answers PING beside subscriptions, so silence means that the server,
/// or the way to it, is gone: TCP alone would not notice for minutes.
/// </summary>
sealed class Heartbeat : IDisposable
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Tick = Interval / 4;

    // With one tick on top, silence is noticed within three seconds.
    static readonly TimeSpan MaxSilence = Interval * 2.5;

    readonly RedisConnection _connection;
    readonly TimeProvider _time;
    readonly ITimer _timer;
    long _lastTick;
    long _lastPing;
    int _pinging;

    public Heartbeat(RedisConnection connection, TimeProvider time)
    {
        _connection = connection;
        _time = time;
        _lastTick = _lastPing = time.GetTimestamp();
        _timer = time.CreateTimer(static state => ((Heartbeat)state!).OnTick(), this, Tick, Tick);
    }

    public void Dispose() => _timer.Dispose();

    void OnTick()
    {
        var now = _time.GetTimestamp();
        var sinceTick = _time.GetElapsedTime(Interlocked.Exchange(ref _lastTick, now), now);

        // After a pause of our own the server's bytes may be here, unread: their reader comes first.
        if (sinceTick < Interval && _connection.Silence >= MaxSilence)
        {
            _connection.Abort(new RedisConnectionException(
                $"{_connection.Endpoint} has been silent for {Duration.Format(MaxSilence)}, although asked every {Duration.Format(Interval)}."));
        }
        else if (_time.GetElapsedTime(_lastPing, now) >= Interval && Interlocked.Exchange(ref _pinging, 1) == 0)
        {
            _lastPing = now;
            _ = PingAsync();
        }
    }

    async Task PingAsync()
    {
        try
        {
            await _connection.PingAsync().ConfigureAwait(false);
            Volatile.Write(ref _pinging, 0);
        }
        catch (RedisClientException)
        {
            // The connection has failed and tells its owner itself.
        }
    }
}
