using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>
/// Several readings as one. They hand over lists of messages, so that nothing is shared per event. One that fails for a while is tried again by itself; only when none of them
/// can read does the whole fail.
/// </summary>
/// <param name="readings">At least one.</param>
/// <param name="keepsUnread">Whether what a consumer went away from is still owed to the next one, rather than read again.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where to tell of failures.</param>
sealed class ReaderMerge(IReadOnlyList<IReading> readings, bool keepsUnread, TimeProvider time, ILogger log)
{
    const int ListLength = 256;
    const int ListsPerReading = 2;

    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    readonly Queue<SourceMessage> _unread = [];
    int _failing;

    public async IAsyncEnumerable<SourceMessage> ReadAsync([EnumeratorCancellation] CancellationToken stopReading)
    {
        while (_unread.TryDequeue(out var message))
        {
            yield return message;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stopReading);
        var lists = Channel.CreateBounded<List<SourceMessage>>(ListsPerReading * readings.Count);
        _failing = 0;
        var running = RunAllAsync(lists.Writer, stop);
        try
        {
            // Ends with what ended the readings, behind all that they had read by then.
            await foreach (var list in lists.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
                Keep(list);
                while (_unread.TryDequeue(out var message))
                {
                    yield return message;
                }
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            while (!running.IsCompleted || lists.Reader.TryPeek(out _))
            {
                if (lists.Reader.TryRead(out var list))
                {
                    Keep(list);
                }
                else
                {
                    await Task.WhenAny(running, lists.Reader.WaitToReadAsync(CancellationToken.None).AsTask()).ConfigureAwait(false);
                }
            }

            if (!keepsUnread)
            {
                _unread.Clear();
            }
        }
    }

    void Keep(List<SourceMessage> list) => list.ForEach(_unread.Enqueue);

    async Task RunAllAsync(ChannelWriter<List<SourceMessage>> to, CancellationTokenSource stop)
    {
        Exception? failure = null;
        var tasks = readings.Select(reading => Task.Run(() => RunAsync(reading, to, stop.Token), CancellationToken.None)).ToList();
        while (tasks.Count > 0)
        {
            var ended = await Task.WhenAny(tasks).ConfigureAwait(false);
            tasks.Remove(ended);
            if (ended.Exception?.InnerException is { } first && failure is null)
            {
                failure = first;
                await stop.CancelAsync().ConfigureAwait(false);
            }
        }

        to.Complete(failure);
    }

    async Task RunAsync(IReading reading, ChannelWriter<List<SourceMessage>> to, CancellationToken stopReading)
    {
        var pause = FirstPause;
        while (!stopReading.IsCancellationRequested)
        {
            var began = time.GetTimestamp();
            try
            {
                await CopyAsync(reading.ReadAsync(stopReading), to).ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException) when (stopReading.IsCancellationRequested)
            {
                return;
            }
            catch (RedisClientException e) when (e.Kind == FailureKind.Transient && Interlocked.Increment(ref _failing) < readings.Count)
            {
                pause = time.GetElapsedTime(began) > LongestPause ? FirstPause : pause;
                log.ReaderReconnects(reading.Streams, pause, e.Message);
                await Task.Delay(pause, time, stopReading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                Interlocked.Decrement(ref _failing);
            }
        }
    }

    static async Task CopyAsync(IAsyncEnumerable<SourceMessage> messages, ChannelWriter<List<SourceMessage>> to)
    {
        var list = new List<SourceMessage>();
        try
        {
            var reading = messages.GetAsyncEnumerator(CancellationToken.None);
            await using var closing = reading.ConfigureAwait(false);
            while (true)
            {
                var next = reading.MoveNextAsync();
                if (list.Count >= ListLength || (list.Count > 0 && !next.IsCompleted))
                {
                    var full = list;
                    list = [];
                    await to.WriteAsync(full, CancellationToken.None).ConfigureAwait(false);
                }

                if (!await next.ConfigureAwait(false))
                {
                    return;
                }

                list.Add(reading.Current);
            }
        }
        finally
        {
            if (list.Count > 0)
            {
                await to.WriteAsync(list, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }
}
