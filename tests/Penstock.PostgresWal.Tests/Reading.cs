using System.Diagnostics;
using Penstock.Sources.PostgresWal;
using Penstock.TestServers;

namespace Penstock.PostgresWal.Tests;

/// <summary>One call of ReadAsync, pulled message by message.</summary>
sealed class Reading : IDisposable
{
    readonly CancellationTokenSource _stop = new();
    readonly IAsyncEnumerator<SourceMessage> _messages;
    readonly bool _hasStart;
    Task<bool>? _waiting;

    public Reading(PostgresWalSource source, params IReadOnlyList<Watermark> resumeAfter)
    {
        _hasStart = resumeAfter.Count == 0;
        Source = source;
        _messages = source.ReadAsync(resumeAfter, _stop.Token).GetAsyncEnumerator(TestContext.Current.CancellationToken);
    }

    public PostgresWalSource Source { get; }

    /// <summary>The watermark that a source without a checkpoint begins with; known after the first message.</summary>
    public Watermark? Start { get; private set; }

    /// <summary>The last watermark that says which shapes are known; passed over in what is returned.</summary>
    public Watermark? Shapes { get; private set; }

    /// <summary>The watermark that says how the tables belong to the publication; passed over in what is returned.</summary>
    public Watermark? Members { get; private set; }

    public async Task<SourceMessage> NextAsync() => await TryNextAsync() ?? throw new InvalidOperationException("The source ended.");

    /// <summary>The next message after <see cref="Start"/>; null when the source ended.</summary>
    public async Task<SourceMessage?> TryNextAsync()
    {
        if (!await WaitAsync().WaitAsync(Eventually.Patience))
        {
            return null;
        }

        _waiting = null;
        if (_hasStart && Start is null)
        {
            Start = Assert.IsType<Watermark>(_messages.Current);
            return await TryNextAsync();
        }

        if (_messages.Current is Watermark { Position.Partition: PublicationMembers.Partition } members)
        {
            Members = members;
            return await TryNextAsync();
        }

        if (_messages.Current is Watermark { Position.Partition: SchemaBook.Partition } shapes)
        {
            Shapes = shapes;
            return await TryNextAsync();
        }

        return _messages.Current;
    }

    /// <summary>The next events and the watermark after them.</summary>
    public async Task<(IReadOnlyList<ChangeEvent> Events, Watermark Watermark)> NextTransactionAsync()
    {
        var events = new List<ChangeEvent>();
        var sinceLast = Stopwatch.StartNew();
        while (true)
        {
            ThrowIfOverdue(sinceLast, events);
            switch (await NextAsync())
            {
                case ChangeEvent change:
                    events.Add(change);
                    sinceLast.Restart();
                    break;
                case Watermark watermark when events.Count > 0 || watermark.Position.Order << 64 != 0:
                    return (events, watermark);
            }
        }
    }

    /// <summary>The next events, whatever their transactions.</summary>
    public async Task<IReadOnlyList<ChangeEvent>> NextEventsAsync(int count)
    {
        var events = new List<ChangeEvent>();
        var sinceLast = Stopwatch.StartNew();
        while (events.Count < count)
        {
            ThrowIfOverdue(sinceLast, events);
            if (await NextAsync() is ChangeEvent change)
            {
                events.Add(change);
                sinceLast.Restart();
            }
        }

        return events;
    }

    public async Task<ChangeEvent> NextEventAsync() => (await NextEventsAsync(1))[0];

    /// <summary>Waits for a message without taking it, so that a test can act while the source waits.</summary>
    public Task<bool> WaitAsync() => _waiting ??= _messages.MoveNextAsync().AsTask();

    public Task StopAsync() => _stop.CancelAsync();

    public void Dispose() => _stop.Dispose();

    // A quiet stream has watermarks all the same, so the wait for each message does not end the wait for an event.
    static void ThrowIfOverdue(Stopwatch sinceLast, List<ChangeEvent> events)
    {
        if (sinceLast.Elapsed > Eventually.Patience)
        {
            throw new TimeoutException($"after {Eventually.Patience.TotalSeconds} s no further event has come, after {string.Join(", ", events.TakeLast(10).Select(change => $"{change.Kind} {change.Position}"))}");
        }
    }
}
