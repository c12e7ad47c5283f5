using Penstock.TestServers;

namespace Penstock.RedisPubSub.Tests;

/// <summary>Does with a source what the host does, and keeps what it yields.</summary>
sealed class Listener : IAsyncDisposable
{
    readonly IChangeSource _source;
    readonly CancellationTokenSource _stop = new();
    readonly Lock _gate = new();
    readonly List<SourceMessage> _messages = [];
    readonly Task _running;
    int _events;
    int _watermarks;
    int _closed;
    ChangeEvent? _lastEvent;
    TaskCompletionSource _mayPull = Open();

    public Listener(IChangeSource source, IReadOnlyList<Watermark>? resumeAfter = null)
    {
        _source = source;
        _running = Task.Run(() => RunAsync(resumeAfter ?? []));
    }

    public IReadOnlyList<SourceMessage> Messages
    {
        get
        {
            lock (_gate)
            {
                return [.. _messages];
            }
        }
    }

    /// <summary>The number of events, without a copy of them all.</summary>
    public int EventCount => Count(ref _events);

    /// <summary>The number of watermarks, without a copy of everything.</summary>
    public int WatermarkCount => Count(ref _watermarks);

    /// <summary>The last event so far.</summary>
    public ChangeEvent? LastEvent
    {
        get
        {
            lock (_gate)
            {
                return _lastEvent;
            }
        }
    }

    public IReadOnlyList<ChangeEvent> Events => [.. Messages.OfType<ChangeEvent>()];

    public IReadOnlyList<LossWindow> Windows => [.. Messages.OfType<LossWindow>()];

    public IReadOnlyList<Watermark> Watermarks => [.. Messages.OfType<Watermark>()];

    /// <summary>How often the enumerator threw and was begun again.</summary>
    public int Retries { get; private set; }

    /// <summary>What ended reading for good; otherwise null.</summary>
    public PluginException? Failure { get; private set; }

    public bool HasEnded => _running.IsCompleted;

    /// <summary>Waits until the source has subscribed: it proves that by a watermark.</summary>
    public Task SubscribedAsync() => Eventually.HoldsAsync(
        () => LastButEvents is Watermark, "the source is subscribed");

    public Task EventsAsync(int count) => Eventually.HoldsAsync(() => EventCount >= count, $"{count} events");

    public Task ClosedWindowsAsync(int count) =>
        Eventually.HoldsAsync(() => Count(ref _closed) >= count, $"{count} closed windows");

    /// <summary>Stops pulling, as a host does whose lanes are full.</summary>
    public void Hold() => _mayPull = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => _mayPull.TrySetResult();

    public Task EndedAsync() => Eventually.HoldsAsync(() => HasEnded, "reading has ended");

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        Release();
        await _running.WaitAsync(TimeSpan.FromSeconds(10));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _source.DisposeAsync();
        _stop.Dispose();
    }

    static TaskCompletionSource Open()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }

    SourceMessage? LastButEvents
    {
        get
        {
            lock (_gate)
            {
                return _messages.FindLast(message => message is not ChangeEvent);
            }
        }
    }

    int Count(ref int counter)
    {
        lock (_gate)
        {
            return counter;
        }
    }

    async Task RunAsync(IReadOnlyList<Watermark> resumeAfter)
    {
        while (true)
        {
            try
            {
                await foreach (var message in _source.ReadAsync(resumeAfter, _stop.Token))
                {
                    lock (_gate)
                    {
                        _messages.Add(message);
                        _events += message is ChangeEvent ? 1 : 0;
                        _watermarks += message is Watermark ? 1 : 0;
                        _closed += message is LossWindow { ClosedAt: not null } ? 1 : 0;
                        _lastEvent = message as ChangeEvent ?? _lastEvent;
                    }

                    await _mayPull.Task;
                }

                return;
            }
            catch (PluginException failure) when (failure.Kind != FailureKind.Transient)
            {
                Failure = failure;
                return;
            }
            catch (PluginException)
            {
                Retries++;
                await Eventually.BackOffAsync();
            }
        }
    }
}
