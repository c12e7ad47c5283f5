namespace Penstock.Runtime.Tests.Support;

/// <summary>What a replaying server keeps: readers start anywhere, wait at the end, and end when it is complete.</summary>
sealed class RetainedLog
{
    readonly Lock _lock = new();
    readonly List<Entry> _entries = [];
    TaskCompletionSource _grown = NewSignal();
    bool _isComplete;

    public RetainedLog Append(params IEnumerable<Entry> entries)
    {
        lock (_lock)
        {
            _entries.AddRange(entries);
            Wake();
        }

        return this;
    }

    /// <summary>Appends these numbers, each with one of so many keys, and a watermark after every group.</summary>
    public RetainedLog AppendChanges(int first, int last, int keys = 1, int markEvery = 1, int bytes = 0) =>
        Append(Enumerable.Range(first, last - first + 1).SelectMany(number => number % markEvery == 0
            ? (Entry[])[Entry.Change((ulong)number, $"k{number % keys}", bytes), Entry.Mark((ulong)number)]
            : [Entry.Change((ulong)number, $"k{number % keys}", bytes)]));

    public RetainedLog Complete()
    {
        lock (_lock)
        {
            _isComplete = true;
            Wake();
        }

        return this;
    }

    /// <summary>The entry at this index; waits for it at the end, and is null when there will be none.</summary>
    public async ValueTask<Entry?> ReadAsync(int index, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task grown;
            lock (_lock)
            {
                if (index < _entries.Count)
                {
                    return _entries[index];
                }

                if (_isComplete)
                {
                    return null;
                }

                grown = _grown.Task;
            }

            await grown.WaitAsync(cancellationToken);
        }
    }

    void Wake()
    {
        _grown.TrySetResult();
        _grown = NewSignal();
    }

    static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
