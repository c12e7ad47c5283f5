namespace Penstock.Runtime.Tests.Model;

/// <summary>One connection to the source's server.</summary>
sealed class ModelReader(ModelSource source, SourceLog log, int after) : IAsyncEnumerable<SourceMessage>, IAsyncEnumerator<SourceMessage>
{
    TaskCompletionSource<bool>? _awaited;
    int _index = IndexAfter(log, after);
    bool _ended;

    public SourceMessage Current { get; set; } = null!;

    public bool IsAwaited => _awaited is not null;

    public bool HasNext => _index < log.Places.Length;

    public int Next => HasNext ? log.Places[_index] : log.Last + 1;

    public int Released { get; private set; }

    /// <summary>Whether the connection is gone, which the pump may not have noticed.</summary>
    public bool IsBroken { get; private set; }

    public IAsyncEnumerator<SourceMessage> GetAsyncEnumerator(CancellationToken cancellationToken = default) => this;

    public ValueTask<bool> MoveNextAsync()
    {
        if (IsBroken)
        {
            throw new IOException("connection reset");
        }

        if (_ended)
        {
            return new(false);
        }

        if (Released > 0 && HasNext)
        {
            Take();
            return new(true);
        }

        Released = 0;
        _awaited = new TaskCompletionSource<bool>();
        return new(_awaited.Task);
    }

    public void Release(int count)
    {
        for (Released = 0; count > 0 && _index + Released < log.Places.Length; count--)
        {
            var isEvent = log.Places[_index + Released] % 2 == 0;
            Released++;
            if (isEvent && _index + Released < log.Places.Length && log.Places[_index + Released] % 2 == 1)
            {
                Released++;
            }
        }

        Take();
        Answer().SetResult(true);
    }

    public void Break()
    {
        IsBroken = true;
        if (_awaited is not null)
        {
            Answer().SetException(new IOException("connection reset"));
        }
    }

    public void End()
    {
        _ended = true;
        if (_awaited is not null)
        {
            Answer().SetResult(false);
        }
    }

    public ValueTask DisposeAsync() => default;

    static int IndexAfter(SourceLog log, int after)
    {
        // In emission order: what lies before the last message at or below the position is behind the reader.
        var index = 0;
        while (index < log.Places.Length && log.Places[index] <= after)
        {
            index++;
        }

        return index;
    }

    TaskCompletionSource<bool> Answer()
    {
        var awaited = _awaited!;
        _awaited = null;
        return awaited;
    }

    void Take()
    {
        Released--;
        Current = log.Make(log.Places[_index++]);
        source.Emitting(Current);
    }
}
