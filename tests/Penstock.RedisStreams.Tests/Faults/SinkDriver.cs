using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Penstock.Sinks.RedisStreams;
using Penstock.TestServers;

namespace Penstock.RedisStreams.Tests.Faults;

/// <summary>Plays the host: writes numbered events, in batches, to the streams of a case; repeats a batch that failed for the moment; keeps what went wrong.</summary>
sealed class SinkDriver : IAsyncDisposable
{
    const int BatchSize = 12;

    readonly Victims _victims;
    readonly string _case;
    readonly bool _atomic;
    readonly CancellationTokenSource _stop = new();
    readonly CancellationTokenSource _abort = new();
    readonly List<ChangeEvent> _written = [];
    readonly ISink _sink;
    Task _writing = Task.CompletedTask;
    int _delivered;

    public SinkDriver(Victims victims, string name, bool atomic)
    {
        _victims = victims;
        _case = $"{name}{(atomic ? "-atomic" : "")}";
        _atomic = atomic;
        _sink = new RedisStreamsPlugin().Create(
            new()
            {
                Connection = victims.Connection,
                Stream = atomic ? $"{{{{{_case}}}}}:{{subject}}" : $"{_case}:{{subject}}",
                Atomic = atomic,
                WaitReplicas = victims.Replicas,
            },
            new()
            {
                Pipeline = "orders",
                Instance = _case,
                Lane = 0,
                LaneCount = 1,
                LoggerFactory = NullLoggerFactory.Instance,
                TimeProvider = TimeProvider.System,
                Meter = Samples.SinkContext.Meter,
            });
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>The failures that were worth another attempt.</summary>
    public ConcurrentQueue<string> Failures { get; } = new();

    public int Delivered => Volatile.Read(ref _delivered);

    /// <summary>A stream of the case, and in a cluster the node that everything is done to.</summary>
    public string Stream => StreamOf("s0");

    /// <summary>Waits until so many more are delivered.</summary>
    public async Task DeliversAsync(int more)
    {
        var goal = Delivered + more;
        await Eventually.HoldsAsync(
            () => Delivered >= goal || _writing.IsCompleted,
            $"{more} more are delivered; the last failure: {Failures.LastOrDefault()}");
        Assert.True(!_writing.IsFaulted, $"{_writing.Exception}");
    }

    public Task FailsForTheMomentAsync(string text) => Eventually.HoldsAsync(
        () => Failures.Any(failure => failure.Contains(text, StringComparison.Ordinal)), $"writing fails with \"{text}\"");

    /// <summary>What ended the writing.</summary>
    public Task<PluginException> FailsForGoodAsync() =>
        Assert.ThrowsAsync<PluginException>(() => _writing.WaitAsync(Eventually.Patience, TestContext.Current.CancellationToken));

    /// <summary>Goes on after <see cref="FailsForGoodAsync"/>, with the batch that was refused.</summary>
    public void GoOn() => _writing = Task.Run(WriteAsync);

    /// <summary>Stops, and compares what is in the streams with what was delivered.</summary>
    /// <returns>How many came more than once.</returns>
    public async Task<int> JudgeAsync()
    {
        await _stop.CancelAsync();
        await _writing.WaitAsync(Eventually.Patience);
        var repeated = 0;
        foreach (var subject in _written.GroupBy(change => change.Subject))
        {
            using var redis = new PlainRedis(_victims.PrimaryOf(StreamOf(subject.Key)).Port);
            var found = redis.Entries(StreamOf(subject.Key)).Select(entry => entry.Fields["id"]).ToList();
            Assert.Equal(subject.Select(change => change.Id), found.Distinct());
            repeated += found.Count - found.Distinct().Count();
        }

        return repeated;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _abort.CancelAsync();
        await Task.WhenAny(_writing);
        await _sink.DisposeAsync();
        _stop.Dispose();
        _abort.Dispose();
    }

    string StreamOf(string subject) => _atomic ? $"{{{_case}}}:{subject}" : $"{_case}:{subject}";

    async Task WriteAsync()
    {
        await RetryAsync(async () =>
        {
            await _sink.OpenAsync(_abort.Token);
            _ = _sink is IResumableSink resumable ? await resumable.ReadPositionsAsync(_abort.Token) : null;
        });
        while (!_stop.IsCancellationRequested)
        {
            if (_written.Count == Delivered)
            {
                _written.AddRange(Enumerable.Range(Delivered + 1, BatchSize)
                    .Select(n => Samples.Event(n, Encoding.UTF8.GetBytes($"value {n}"), $"s{n % 5}", $"k{n % 7}")));
            }

            var batch = _written[Delivered..];
            await RetryAsync(() => _sink.WriteAsync(batch, _abort.Token));
            Volatile.Write(ref _delivered, _written.Count);
        }
    }

    async Task RetryAsync(Func<ValueTask> step)
    {
        while (true)
        {
            try
            {
                await step();
                return;
            }
            catch (PluginException e) when (e.Kind == FailureKind.Transient)
            {
                Failures.Enqueue(e.Message);
                await Eventually.BackOffAsync();
            }
        }
    }
}
