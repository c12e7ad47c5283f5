using Penstock.Benchmarks.Loads;

namespace Penstock.Benchmarks.Soak.Loads;

/// <summary>Says how many events of a pipeline may have been sent by now: at first as many as the host keeps up with, then as many as are due.</summary>
/// <param name="delivered">What the host has delivered.</param>
/// <param name="perSend">Events that are sent together; the end lies behind a whole send.</param>
sealed class Gate(Func<long> delivered, int perSend)
{
    /// <summary>Events on their way while the most that goes through is measured: deep enough to fill batches, too few for a server to drop its subscriber.</summary>
    public const int Window = 20_000;

    readonly Lock _lock = new();
    readonly Pace _ticks = Pace.StartingIn(TimeSpan.Zero, 1000);
    Func<long> _allowed = () => 0;
    long _granted;
    bool _isOver;

    /// <summary>Events that should have been sent by now.</summary>
    public long Due => Volatile.Read(ref _allowed)();

    /// <summary>From now on as fast as events come out at the other end.</summary>
    public void OpenForMost() => Change(_ => () => delivered() + Window);

    /// <summary>From now on at this rate, whatever becomes of what was sent.</summary>
    public void OpenAt(double perSecond)
    {
        var pace = Pace.StartingIn(TimeSpan.Zero, perSecond);
        Change(granted => () => granted + pace.DueNow());
    }

    /// <summary>Nothing more is due. Returns how many events there are in all.</summary>
    public long Close()
    {
        lock (_lock)
        {
            _isOver = true;
            var end = (Math.Max(_granted, _allowed()) + perSend - 1) / perSend * perSend;
            Volatile.Write(ref _allowed, () => end);
            return end;
        }
    }

    /// <summary>Waits until events may be sent.</summary>
    /// <param name="first">The number of the first of them.</param>
    /// <param name="most">The most to send at once.</param>
    /// <returns>How many; zero when there will be no more.</returns>
    public int Await(long first, int most)
    {
        while (true)
        {
            lock (_lock)
            {
                var count = Math.Min(_allowed() - first, most);
                if (count >= perSend)
                {
                    _granted = Math.Max(_granted, first + count);
                    return (int)count;
                }

                if (_isOver)
                {
                    return 0;
                }
            }

            _ticks.Await(_ticks.DueNow());
        }
    }

    void Change(Func<long, Func<long>> allowed)
    {
        lock (_lock)
        {
            Volatile.Write(ref _allowed, allowed(_granted));
        }
    }
}
