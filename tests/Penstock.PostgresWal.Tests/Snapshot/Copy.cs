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

    /// <summary>Ends as the source does when reading is to stop.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _reading;
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

    /// <summary>How often the source failed and was read again, as the host does.</summary>
    public int Retries { get; private set; }

    /// <summary>Where the host would go on in the same process: after the last event.</summary>
    IReadOnlyList<Watermark> Received
    {
        get
        {
            lock (_lock)
            {
                var received = _watermarks.ToDictionary(StringComparer.Ordinal);
                foreach (var change in _messages.OfType<ChangeEvent>().Where(change => !received.TryGetValue(change.Position.Partition, out var mark) || mark.Position.Order < change.Position.Order))
                {
                    received[change.Position.Partition] = new Watermark(change.Position) { State = received.GetValueOrDefault(change.Position.Partition)?.State ?? default };
                }

                return [.. received.Values];
            }
        }
    }

    async Task ReadAsync(PostgresWalSource source, IReadOnlyList<Watermark> resumeAfter)
    {
        while (true)
        {
            try
            {
                await ReadOnceAsync(source, resumeAfter);
                return;
            }
            catch (PluginException e) when (e.Kind == FailureKind.Transient && !_stop.IsCancellationRequested)
            {
                Retries++;
                resumeAfter = Received;
                await Eventually.BackOffAsync();
            }
        }
    }

    async Task ReadOnceAsync(PostgresWalSource source, IReadOnlyList<Watermark> resumeAfter)
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
