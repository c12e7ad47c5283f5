using System.Text;
using Penstock.Sources.PostgresWal;
using Penstock.TestServers;

namespace Penstock.PostgresWal.Tests;

/// <summary>What a sink would make of a source: everything that it yields, in order, applied to tables by key.</summary>
sealed class Copy : IAsyncDisposable
{
    readonly CancellationTokenSource _stop = new();
    readonly Lock _lock = new();
    readonly List<SourceMessage> _messages = [];
    readonly Dictionary<string, Watermark> _watermarks = new(StringComparer.Ordinal);
    readonly Dictionary<(string Subject, string Key), Dictionary<string, string?>> _rows = [];
    readonly Action<ChangeEvent, Dictionary<string, string?>?, Dictionary<string, string?>?> _onChange;
    readonly Task _reading;

    /// <param name="source">Read until this is disposed.</param>
    /// <param name="resumeAfter">Where from.</param>
    /// <param name="onChange">Sees each event with its row before and after.</param>
    /// <param name="earlier">What was there already.</param>
    public Copy(
        PostgresWalSource source, IReadOnlyList<Watermark> resumeAfter, Action<ChangeEvent, Dictionary<string, string?>?, Dictionary<string, string?>?>? onChange = null,
        Copy? earlier = null)
    {
        _onChange = onChange ?? ((_, _, _) => { });
        _rows = earlier?._rows ?? [];
        Source = source;
        foreach (var watermark in resumeAfter)
        {
            _watermarks[watermark.Position.Partition] = watermark;
        }

        _reading = Task.Run(() => ReadAsync(source, resumeAfter));
    }

    public PostgresWalSource Source { get; }

    public IReadOnlyList<SourceMessage> Messages
    {
        get
        {
            lock (_lock)
            {
                return [.. _messages];
            }
        }
    }

    public IEnumerable<ChangeEvent> Events => Messages.OfType<ChangeEvent>();

    /// <summary>The last of each partition.</summary>
    public IReadOnlyList<Watermark> Watermarks
    {
        get
        {
            lock (_lock)
            {
                return [.. _watermarks.Values];
            }
        }
    }

    public SnapshotCursor? CursorOf(string subject) =>
        Watermarks.FirstOrDefault(watermark => watermark.Position.Partition == $"snapshot:{subject}") is { } watermark ? SnapshotCursor.Of(watermark) : null;

    public Task IsDoneAsync(params string[] subjects) =>
        Eventually.HoldsAsync(() => FailIfEnded(subjects.All(subject => CursorOf(subject) is { IsDone: true })), $"{string.Join(", ", subjects)} is read");

    public Task HasPassedAsync(ulong lsn) =>
        Eventually.HoldsAsync(
            () => FailIfEnded(Watermarks.Any(watermark => watermark.Position.Partition.Length == 0 && Lsn.OfState(watermark) >= lsn)), "the stream has passed what was written");

    /// <summary>The table as it arrived, a line for each row, in the order of its keys.</summary>
    public IReadOnlyList<string> Rows(string subject)
    {
        lock (_lock)
        {
            return [.. _rows.Where(row => row.Key.Subject == subject).Select(row => string.Join('|', row.Value.Values.Select(value => value ?? "∅"))).Order(StringComparer.Ordinal)];
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    async Task ReadAsync(PostgresWalSource source, IReadOnlyList<Watermark> resumeAfter)
    {
        await foreach (var message in source.ReadAsync(resumeAfter, _stop.Token))
        {
            lock (_lock)
            {
                _messages.Add(message);
                if (message is Watermark watermark)
                {
                    _watermarks[watermark.Position.Partition] = watermark;
                }
                else if (message is ChangeEvent change)
                {
                    Apply(change);
                }
            }
        }
    }

    void Apply(ChangeEvent change)
    {
        if (change.Kind == ChangeKind.Truncate)
        {
            foreach (var row in _rows.Keys.Where(row => row.Subject == change.Subject))
            {
                _rows.Remove(row);
            }

            return;
        }

        var key = (change.Subject, Encoding.Latin1.GetString(change.Key.Span));
        var before = _rows.GetValueOrDefault(key);
        Dictionary<string, string?>? after = null;
        if (change.After is { } values)
        {
            after = new Dictionary<string, string?>(StringComparer.Ordinal);
            for (var i = 0; i < values.Count; i++)
            {
                var name = values.Schema[i].Name;
                after[name] = values.GetState(i) switch
                {
                    FieldState.Present => Encoding.UTF8.GetString(values[i]),
                    FieldState.Unchanged => before?.GetValueOrDefault(name, "?") ?? "?",
                    _ => null,
                };
            }

            _rows[key] = after;
        }
        else
        {
            _rows.Remove(key);
        }

        _onChange(change, before, after);
    }

    bool FailIfEnded(bool holds)
    {
        if (!holds && _reading.IsCompleted)
        {
            _reading.GetAwaiter().GetResult();
            throw new InvalidOperationException("The source ended.");
        }

        return holds;
    }
}
