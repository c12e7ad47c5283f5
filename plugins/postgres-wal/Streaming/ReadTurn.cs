namespace Penstock.Sources.PostgresWal;

/// <summary>
/// Who may use a stream: its reader, or who closes it. Npgsql reads on by itself while it closes, and two readers of one stream end the process. A reader
/// gives its turn back while it waits, so closing never has to wait for the server.
/// </summary>
sealed class ReadTurn
{
    const int Free = 0;
    const int Taken = 1;

    // By the reader, and somebody waits for it to close.
    const int Wanted = 2;
    const int Closed = 3;

    readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _state;

    /// <summary>Whether the reader is to give its turn back, for good.</summary>
    public bool IsWanted => Volatile.Read(ref _state) >= Wanted;

    /// <summary>Takes the turn for reading; false once the stream is being closed.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _state, Taken, Free) == Free;

    /// <summary>Gives back what <see cref="TryTake"/> took; does nothing when it did not.</summary>
    public void Leave()
    {
        if (Interlocked.CompareExchange(ref _state, Free, Taken) == Wanted && Interlocked.CompareExchange(ref _state, Closed, Wanted) == Wanted)
        {
            _closed.SetResult();
        }
    }

    /// <summary>Takes the turn for closing, for good; completes when the reader does not have it any more.</summary>
    public Task CloseAsync()
    {
        while (true)
        {
            switch (Interlocked.CompareExchange(ref _state, Closed, Free))
            {
                case Free:
                    _closed.SetResult();
                    return _closed.Task;
                case Taken when Interlocked.CompareExchange(ref _state, Wanted, Taken) != Taken:
                    continue;
                default:
                    return _closed.Task;
            }
        }
    }
}
