namespace Penstock.Redis;

/// <summary>
/// What has been received and not read yet, within a bound. Whoever receives never waits for the reader: what finds no room is dropped and
/// counted, until the reader takes what there is.
/// </summary>
/// <remarks>One lock for each batch, not for each message.</remarks>
sealed class Backlog(long maxBytes, DateTimeOffset proven, Func<RespValue, bool> isWanted, TimeProvider time)
{
    // An array of three or four values, and a place in the list.
    const int MessageOverhead = 128;

    readonly Lock _gate = new();
    List<RespValue> _waiting = [];
    long _bytes;
    long _dropped;
    DateTimeOffset _droppedSince;
    DateTimeOffset _proven = proven;
    bool _hasNews;
    bool _hasEnded;
    TaskCompletionSource _news = NewSignal();

    /// <summary>Takes what was received.</summary>
    /// <param name="pushes">In order.</param>
    /// <param name="proven">Everything the server sent up to here is among these and those before.</param>
    public void Add(IReadOnlyList<RespValue> pushes, DateTimeOffset proven)
    {
        lock (_gate)
        {
            foreach (var push in pushes)
            {
                Add(push);
            }

            if (pushes.Count > 0 || proven > _proven)
            {
                _proven = proven > _proven ? proven : _proven;
                _hasNews = true;
                _news.TrySetResult();
            }
        }
    }

    /// <summary>Nothing more comes.</summary>
    public void End()
    {
        lock (_gate)
        {
            _hasEnded = true;
            _news.TrySetResult();
        }
    }

    /// <summary>Waits until there is something to take. False when there will never be.</summary>
    public async ValueTask<bool> WaitAsync()
    {
        while (true)
        {
            Task news;
            lock (_gate)
            {
                if (_hasNews || _hasEnded)
                {
                    return _hasNews;
                }

                news = _news.Task;
            }

            await news.ConfigureAwait(false);
        }
    }

    /// <summary>Takes everything, and makes room.</summary>
    /// <param name="emptied">Waits from now on in the place of what is taken.</param>
    /// <param name="proven">Everything up to here was received, and is taken or dropped.</param>
    /// <param name="overflow">What was dropped behind what is taken; otherwise null.</param>
    public List<RespValue> Take(List<RespValue> emptied, out DateTimeOffset proven, out Overflow? overflow)
    {
        lock (_gate)
        {
            var taken = _waiting;
            proven = _proven;
            overflow = _dropped > 0 ? new Overflow(_droppedSince, time.GetUtcNow(), _dropped) : null;
            _waiting = emptied;
            _bytes = 0;
            _dropped = 0;
            _hasNews = false;
            _news = _news.Task.IsCompleted ? NewSignal() : _news;
            return taken;
        }
    }

    static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    void Add(in RespValue push)
    {
        // Once one was dropped the others go the same way, so that a batch has one gap, at its end. What is no message comes once for a name
        // at most, and is said once: who does not hear that a channel was given up never asks for it again.
        var bytes = Size(push);
        if (!Subscription.IsMessage(push) || (_dropped == 0 && (_waiting.Count == 0 || _bytes + bytes <= maxBytes)))
        {
            _waiting.Add(push);
            _bytes += bytes;
        }
        else if (isWanted(push))
        {
            _droppedSince = _dropped++ == 0 ? _proven : _droppedSince;
        }
    }

    static long Size(in RespValue push)
    {
        long size = MessageOverhead;
        foreach (var item in push.Items)
        {
            size += item.Span.Length;
        }

        return size;
    }
}
