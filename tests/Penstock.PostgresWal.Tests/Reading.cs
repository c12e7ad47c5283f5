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
        while (true)
        {
            switch (await NextAsync())
            {
                case ChangeEvent change:
                    events.Add(change);
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
        while (events.Count < count)
        {
            if (await NextAsync() is ChangeEvent change)
            {
                events.Add(change);
            }
        }

        return events;
    }

    public async Task<ChangeEvent> NextEventAsync() => (await NextEventsAsync(1))[0];

    /// <summary>Waits for a message without taking it, so that a test can act while the source waits.</summary>
    public Task<bool> WaitAsync() => _waiting ??= _messages.MoveNextAsync().AsTask();

    public Task StopAsync() => _stop.CancelAsync();

    public void Dispose() => _stop.Dispose();
}
