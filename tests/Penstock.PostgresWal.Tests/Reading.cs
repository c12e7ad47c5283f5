using Penstock.Sources.PostgresWal;

namespace Penstock.PostgresWal.Tests;

/// <summary>One call of ReadAsync, pulled message by message.</summary>
sealed class Reading : IDisposable
{
    readonly CancellationTokenSource _stop = new();
    readonly IAsyncEnumerator<SourceMessage> _messages;

    public Reading(PostgresWalSource source, params IReadOnlyList<Watermark> resumeAfter)
    {
        Source = source;
        _messages = source.ReadAsync(resumeAfter, _stop.Token).GetAsyncEnumerator(TestContext.Current.CancellationToken);
    }

    public PostgresWalSource Source { get; }

    /// <summary>The watermark that a source without a checkpoint begins with.</summary>
    public Watermark Start { get; set; } = new(default);

    public async Task<SourceMessage> NextAsync() => await TryNextAsync() ?? throw new InvalidOperationException("The source ended.");

    public async Task<SourceMessage?> TryNextAsync() =>
        await _messages.MoveNextAsync().AsTask().WaitAsync(Eventually.Deadline) ? _messages.Current : null;

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

    /// <summary>Waits for the next message without taking it, so that a test can act while the source waits.</summary>
    public Task<bool> WaitAsync() => _messages.MoveNextAsync().AsTask();

    public Task StopAsync() => _stop.CancelAsync();

    public void Dispose() => _stop.Dispose();
}
