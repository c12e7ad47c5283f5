namespace Penstock.Sources.PostgresWal;

/// <summary>Somebody asked for tables to be read again, and waits until that is sure to happen.</summary>
sealed class SnapshotRequest(IReadOnlyList<string> subjects)
{
    readonly HashSet<string> _toBegin = new(subjects, StringComparer.Ordinal);
    readonly HashSet<string> _toKeep = new(subjects, StringComparer.Ordinal);
    readonly TaskCompletionSource _kept = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the checkpoint holds the beginning of each table.</summary>
    public Task Kept => _kept.Task;

    /// <summary>Whether each table's beginning went out.</summary>
    public bool HasBegun => _toBegin.Count == 0;

    public bool IsToBegin(string subject) => _toBegin.Contains(subject);

    /// <param name="subject">The table that begins.</param>
    /// <param name="tag">The requests that it begins for.</param>
    public void Begin(string subject, object? tag)
    {
        if (tag is List<SnapshotRequest> requests && requests.Contains(this))
        {
            _toBegin.Remove(subject);
        }
    }

    public void Keep(string subject)
    {
        lock (_toKeep)
        {
            _toKeep.Remove(subject);
            if (_toKeep.Count == 0)
            {
                _kept.TrySetResult();
            }
        }
    }
}
