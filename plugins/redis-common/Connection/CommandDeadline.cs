namespace Penstock.Redis;

/// <summary>
/// One timer for all commands of a connection: at most one of them is being waited for. A reply that is arriving is waited for, however long it is; it is
/// silence that ends the patience.
/// </summary>
sealed class CommandDeadline : IDisposable
{
    readonly TimeProvider _time;
    readonly Func<TimeSpan> _silence;
    readonly Action<TimeSpan> _expired;
    readonly ITimer _timer;
    readonly Lock _gate = new();
    TimeSpan _timeout;
    long _start;
    bool _running;

    /// <param name="time">The clock.</param>
    /// <param name="silence">For how long nothing has come.</param>
    /// <param name="expired">What to do then.</param>
    public CommandDeadline(TimeProvider time, Func<TimeSpan> silence, Action<TimeSpan> expired)
    {
        _time = time;
        _silence = silence;
        _expired = expired;
        _timer = time.CreateTimer(
            static state => ((CommandDeadline)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Start(TimeSpan timeout)
    {
        lock (_gate)
        {
            _timeout = timeout;
            _start = _time.GetTimestamp();
            _running = true;
            _timer.Change(timeout, Timeout.InfiniteTimeSpan);
        }
    }

    public void Stop()
    {
        lock (_gate)
        {
            _running = false;
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _timer.Dispose();

    void OnTimer()
    {
        lock (_gate)
        {
            if (!_running)
            {
                return;
            }

            // The callback of an earlier command may arrive late; and timers are coarser than timestamps.
            var (elapsed, silence) = (_time.GetElapsedTime(_start), _silence());
            var left = _timeout - (elapsed < silence ? elapsed : silence);
            if (left > TimeSpan.Zero)
            {
                _timer.Change(left, Timeout.InfiniteTimeSpan);
                return;
            }

            _running = false;
        }

        _expired(_timeout);
    }
}
