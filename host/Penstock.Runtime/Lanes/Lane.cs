using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Penstock.Runtime.Diagnostics;

namespace Penstock.Runtime.Lanes;

/// <summary>An ordered queue with a sink instance of its own: gathers batches and has one written at a time.</summary>
sealed class Lane(LaneIdentity identity, SinkWriter writer, BatchLimits limits, RuntimeServices services) : IAsyncDisposable
{
    readonly Channel<Chunk> _chunks = Channel.CreateUnbounded<Chunk>(new UnboundedChannelOptions { SingleReader = true });
    readonly LaneInstruments _instruments = new(identity, services.Instruments);
    readonly Batch _batch = new(limits);
    readonly TimeProvider _time = services.Time;
    readonly ILogger _log = services.LoggerFactory.CreateLogger<Lane>();
    Chunk? _chunk;
    int _taken;
    bool _burstEnded;
    Task<bool>? _waiting;

    public ChannelWriter<Chunk> Queue => _chunks.Writer;

    public SinkWriter Writer => writer;

    /// <summary>Works until the queue is completed and empty.</summary>
    /// <exception cref="PipelineFailureException">The sink failed in a way that only an operator can mend.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (await GatherAsync(cancellationToken))
        {
            await SocketThread.LeaveAsync();
            if (_batch.Open > 0)
            {
                await writer.WriteAsync(_batch, cancellationToken);
            }
            else
            {
                await writer.ShowAsync(_chunk!.Notice!, cancellationToken);
                _chunk.Feed.Shown();
                _chunk = null;
            }
        }
    }

    public ValueTask DisposeAsync() => writer.DisposeAsync();

    // True with a batch or, when the batch is empty, with a notice in _chunk; false at the end.
    async ValueTask<bool> GatherAsync(CancellationToken cancellationToken)
    {
        _batch.Clear();
        var began = _time.GetTimestamp();
        while (true)
        {
            while (!_batch.IsFull && (_chunk is not null || TryReadChunk()))
            {
                if (_chunk!.Notice is not null)
                {
                    return true;
                }

                began = _batch.Open == 0 ? _time.GetTimestamp() : began;
                TakeFromChunk();
            }

            // Whole transactions need not wait for the rest of another one.
            if (_batch.EndBetweenTransactions() || _batch.IsFull)
            {
                return true;
            }

            if (_batch.IsAmidTransaction)
            {
                if (!await WaitForChunkAsync(Timeout.InfiniteTimeSpan, cancellationToken))
                {
                    DropUnfinished();
                    return _batch.Open > 0;
                }

                continue;
            }

            if (_batch.Open > 0 && (_burstEnded || !await MoreComesAsync(began, cancellationToken)))
            {
                return true;
            }

            if (_batch.Open == 0 && !await WaitForChunkAsync(Timeout.InfiniteTimeSpan, cancellationToken))
            {
                return false;
            }
        }
    }

    // It is not settled, so it comes again.
    void DropUnfinished()
    {
        if (_batch.DropUnfinished() is > 0 and var count)
        {
            _log.TransactionUnfinished(identity, count);
        }
    }

    bool TryReadChunk()
    {
        if (!_chunks.Reader.TryRead(out _chunk))
        {
            return false;
        }

        _taken = 0;
        _instruments.Queued(_time.GetElapsedTime(_chunk.Began));
        return true;
    }

    void TakeFromChunk()
    {
        _taken += _batch.Take(_chunk!, _taken);
        if (_taken == _chunk!.Count)
        {
            _burstEnded = _chunk.EndsBurst;
            if (_chunk.EndsTransaction)
            {
                _batch.EndTransaction();
            }

            _chunk = null;
        }
    }

    // Whether something arrives before the batch's first event has waited its time.
    async ValueTask<bool> MoreComesAsync(long began, CancellationToken cancellationToken)
    {
        var left = limits.MaxDelay - _time.GetElapsedTime(began);
        return left > TimeSpan.Zero && await WaitForChunkAsync(left, cancellationToken);
    }

    // False at the end, or when the time is up; that wait goes on and is taken up by the next one: the channel allows one at a time.
    async ValueTask<bool> WaitForChunkAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var waiting = _waiting ??= _chunks.Reader.WaitToReadAsync(cancellationToken).AsTask();
        // Running out of time is the rule on a busy lane with few events; an exception thrown for each would cost more than the write.
        await ((Task)waiting.WaitAsync(timeout, _time, cancellationToken)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        if (!waiting.IsCompleted)
        {
            return false;
        }

        _waiting = null;
        return await waiting;
    }
}
