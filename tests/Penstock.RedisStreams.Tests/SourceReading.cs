using Penstock.Sources.RedisStreams;
using Penstock.TestServers;

namespace Penstock.RedisStreams.Tests;

/// <summary>Reads a source in the background and keeps what it emits.</summary>
sealed class SourceReading : IAsyncDisposable
{
    readonly List<SourceMessage> _messages = [];
    readonly CancellationTokenSource _stop = new();
    readonly IChangeSource _source;
    readonly Task _reading;
    int _failures;

    public SourceReading(IChangeSource source, params IReadOnlyList<Watermark> resumeAfter)
    {
        _source = source;
        _reading = Task.Run(() => ReadAsync(resumeAfter));
    }

    SourceReading(IChangeSource source)
    {
        _source = source;
        _reading = Task.Run(ReadAsAHostAsync);
    }

    public IReadOnlyList<ChangeEvent> Events => Of<ChangeEvent>();

    public IReadOnlyList<LossWindow> Losses => Of<LossWindow>();

    /// <summary>The watermarks that acknowledge something.</summary>
    public IReadOnlyList<Watermark> Watermarks => [.. Of<Watermark>().Where(watermark => watermark.Tag is not null)];

    /// <summary>How many events came between two watermarks, where any did: the pages that were read.</summary>
    public IReadOnlyList<int> Pages
    {
        get
        {
            var pages = new List<int>();
            var count = 0;
            foreach (var message in Of<SourceMessage>())
            {
                if (message is ChangeEvent)
                {
                    count++;
                }
                else if (message is Watermark && count > 0)
                {
                    pages.Add(count);
                    count = 0;
                }
            }

            return pages;
        }
    }

    /// <summary>The first watermarks of streams that are new to the source.</summary>
    public IReadOnlyList<Watermark> Beginnings => [.. Of<Watermark>().Where(watermark => watermark.Tag is null)];

    /// <summary>What a host would have in its checkpoint.</summary>
    public IReadOnlyList<Watermark> Checkpoint =>
        [.. Of<Watermark>().GroupBy(watermark => watermark.Position.Partition).Select(partition => partition.Last())];

    /// <summary>Reads as a host does: again after each failure that passes, and each watermark is acknowledged.</summary>
    public static SourceReading AsAHost(IChangeSource source) => new(source);

    public static IChangeSource Create(
        RedisServer server, string[] streams, string? key = null, string start = "0", int count = 1000, string block = "100ms",
        string? consumer = null, TimeSpan? claimIdle = null, string? user = null, string password = "", LogLines? log = null,
        StreamsMode mode = StreamsMode.Group, GapPolicy onGap = GapPolicy.Continue) =>
        new RedisStreamsPlugin().Create(
            new RedisStreamsOptions
            {
                Connection = Samples.Connection(server, user, password),
                Streams = streams,
                Mode = mode,
                Group = mode == StreamsMode.Group ? "g" : null,
                Key = key,
                Start = start,
                OnGap = onGap,
                Count = count,
                Consumer = consumer,
                ClaimIdle = claimIdle,
                Block = Duration.TryParse(block, out var duration) ? duration : throw new FormatException(block),
            },
            log is null ? Samples.SourceContext : Samples.SourceContextWith(log));

    public Task ReceivesAsync(int events) =>
        Eventually.HoldsAsync(() => Events.Count >= events || _reading.IsCompleted, $"{events} events have arrived");

    /// <summary>Waits for what follows the last event of a read.</summary>
    public Task ReceivesWatermarksAsync(int entries) => Eventually.HoldsAsync(
        () => Watermarks.Sum(watermark => ((EntryBatch)watermark.Tag!).Ids.Length) >= entries || _reading.IsCompleted,
        $"watermarks over {entries} entries have arrived");

    /// <summary>A member of group g.</summary>
    public static IChangeSource Create(RedisStreamsOptions options, LogLines? log = null, int readers = 1) =>
        new RedisStreamsPlugin().Create(options, Samples.SourceContextWith(log ?? (Microsoft.Extensions.Logging.ILoggerFactory)Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance, readers));

    /// <summary>How often reading has failed, and was begun again.</summary>
    public int Failures => Volatile.Read(ref _failures);

    public bool HasEnded => _reading.IsCompleted;

    /// <summary>As a host does: with those that acknowledge nothing at the server.</summary>
    public Task AcknowledgeEverythingAsync() => _source.AcknowledgeAsync(Of<Watermark>(), CancellationToken.None).AsTask();

    public Watermark LastMark => Of<Watermark>()[^1];

    public Task AcknowledgeAsync(Watermark reached) => _source.AcknowledgeAsync([reached], CancellationToken.None).AsTask();

    public Task AcknowledgeAllAsync() => _source.AcknowledgeAsync(Watermarks, CancellationToken.None).AsTask();

    /// <summary>Stops reading and waits for the end; throws what the source threw.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _reading.WaitAsync(TimeSpan.FromSeconds(20));
    }

    /// <summary>What the source threw.</summary>
    public Task<PluginException> FailsAsync() => Assert.ThrowsAsync<PluginException>(() => _reading.WaitAsync(TimeSpan.FromSeconds(20)));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAny(_reading);
        await _source.DisposeAsync();
        _stop.Dispose();
    }

    async Task ReadAsync(IReadOnlyList<Watermark> resumeAfter)
    {
        await foreach (var message in _source.ReadAsync(resumeAfter, _stop.Token))
        {
            lock (_messages)
            {
                _messages.Add(message);
            }
        }
    }

    async Task ReadAsAHostAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await foreach (var message in _source.ReadAsync(Checkpoint, _stop.Token))
                {
                    lock (_messages)
                    {
                        _messages.Add(message);
                    }

                    if (message is Watermark watermark)
                    {
                        await _source.AcknowledgeAsync([watermark], CancellationToken.None);
                    }
                }
            }
            catch (PluginException e) when (e.Kind == FailureKind.Transient)
            {
                Interlocked.Increment(ref _failures);
                await Eventually.BackOffAsync();
            }
        }
    }

    List<T> Of<T>()
    {
        lock (_messages)
        {
            return [.. _messages.OfType<T>()];
        }
    }
}
