namespace Penstock.Redis;

/// <summary>Takes the news of several listeners as they come: one at a time, so that each batch is read before its listener goes on.</summary>
sealed class NewsMerge : IAsyncDisposable
{
    readonly List<(NodeListener From, IAsyncEnumerator<NodeNews> News, Task<bool> Next)> _members = [];
    int _turn;
    int _last = -1;

    public int Count => _members.Count;

    /// <summary>Has one more listen, until reading is stopped.</summary>
    public void Add(NodeListener listener, CancellationToken stopReading)
    {
        var enumerator = listener.KeepListeningAsync(stopReading).GetAsyncEnumerator(CancellationToken.None);
        _members.Add((listener, enumerator, enumerator.MoveNextAsync().AsTask()));
    }

    /// <summary>Waits for the next news.</summary>
    /// <param name="other">What else to wait for.</param>
    /// <returns>Null when the other thing came first; news that are null when a listener has ended.</returns>
    public async ValueTask<(NodeListener From, NodeNews? News)?> NextAsync(Task other)
    {
        if (_last >= 0)
        {
            var (from, news, _) = _members[_last];
            _members[_last] = (from, news, news.MoveNextAsync().AsTask());
            _last = -1;
        }

        for (var looked = 0; looked < _members.Count && !other.IsCompleted; looked++)
        {
            // Each in turn, that a busy server does not silence the others.
            _turn = (_turn + 1) % _members.Count;
            if (_members[_turn].Next.IsCompleted)
            {
                return await TakeAsync().ConfigureAwait(false);
            }
        }

        await Task.WhenAny([other, .. _members.Select(member => member.Next)]).ConfigureAwait(false);
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, news, next) in _members)
        {
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await news.DisposeAsync().ConfigureAwait(false);
        }
    }

    async ValueTask<(NodeListener From, NodeNews? News)?> TakeAsync()
    {
        var (from, news, next) = _members[_turn];
        if (await next.ConfigureAwait(false))
        {
            _last = _turn;
            return (from, news.Current);
        }

        _members.RemoveAt(_turn);
        await news.DisposeAsync().ConfigureAwait(false);
        return (from, null);
    }
}
