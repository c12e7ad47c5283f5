using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Penstock.Runtime.Diagnostics;

namespace Penstock.Runtime.Lanes;

/// <summary>
/// An ordered queue with a sink instance of its own: gathers batches, writes one at a time, retries in place so that order survives, and settles.
/// </summary>
sealed class Lane(LaneIdentity identity, ISink sink, BatchLimits limits, Backoff backoff, RuntimeServices services) : IAsyncDisposable
{
    readonly Channel<Chunk> _chunks = Channel.CreateUnbounded<Chunk>(new UnboundedChannelOptions { SingleReader = true });
    readonly LaneInstruments _instruments = new(identity, services.Instruments);
    readonly ILogger _log = services.LoggerFactory.CreateLogger<Lane>();
    readonly Batch _batch = new(limits);
    readonly TimeProvider _time = services.Time;
    Chunk? _chunk;
    int _taken;
    bool _burstEnded;
    Task<bool>? _waiting;

    public ChannelWriter<Chunk> Writer => _chunks.Writer;

    public ISink Sink => sink;

    /// <summary>Connects the sink, for as long as it takes.</summary>
    public ValueTask OpenAsync(CancellationToken cancellationToken) =>
        AttemptAsync(static (lane, token) => lane.Sink.OpenAsync(token), "open", cancellationToken);

    /// <summary>Works until the queue is completed and empty.</summary>
    /// <exception cref="PipelineFailureException">The sink failed in a way that only an operator can mend.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (await GatherAsync(cancellationToken))
        {
            if (_batch.Count > 0)
            {
                await WriteBatchAsync(cancellationToken);
            }
            else
            {
                await ShowLossAsync(cancellationToken);
            }
        }
    }

    public ValueTask DisposeAsync() => sink.DisposeAsync();

    async Task WriteBatchAsync(CancellationToken cancellationToken)
    {
        services.Faults.Pass(FaultPoint.LaneWrite);
        var began = _time.GetTimestamp();
        try
        {
            await AttemptAsync(static (lane, token) => lane.Sink.WriteAsync(lane._batch, token), "write", cancellationToken);
        }
        catch (PipelineFailureException failure) when (failure.InnerException is PluginException { Kind: FailureKind.Poison } poison)
        {
            // Those before the poisoned one are durable: settle them, or they would come again for no reason.
            _batch.Settle(Math.Clamp(poison.EventIndex, 0, _batch.Count - 1));
            throw;
        }

        services.Faults.Pass(FaultPoint.SinkReturned);
        _instruments.Written(_batch, _time.GetElapsedTime(began), _time.GetUtcNow());
        _batch.Settle(_batch.Count);
    }

    async Task ShowLossAsync(CancellationToken cancellationToken)
    {
        if (sink is ILossAware)
        {
            await AttemptAsync(static (lane, token) => ((ILossAware)lane.Sink).OnLossAsync(lane._chunk!.Loss!, token), "show a loss window to", cancellationToken);
        }

        _chunk = null;
    }

    async ValueTask AttemptAsync(Func<Lane, CancellationToken, ValueTask> step, string verb, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await step(this, cancellationToken);
                if (backoff.Failures > 0)
                {
                    _log.SinkRecovered(identity, backoff.Failures);
                    backoff.Reset();
                }

                return;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                throw;
            }
            catch (PluginException failure) when (failure.Kind != FailureKind.Transient)
            {
                throw new PipelineFailureException($"{identity}: {failure.Message}", failure);
            }
            catch (Exception failure)
            {
                var pause = backoff.NextDelay();
                _instruments.Retried();
                _log.SinkRetries(identity, verb, backoff.Failures, pause, failure.Message);
                await backoff.PauseAsync(pause, cancellationToken);
            }
        }
    }

    // True with a batch or, when the batch is empty, with a loss window in _chunk; false at the end.
    async ValueTask<bool> GatherAsync(CancellationToken cancellationToken)
    {
        _batch.Clear();
        var began = 0L;
        while (true)
        {
            while (!_batch.IsFull && (_chunk is not null || TryReadChunk()))
            {
                if (_chunk!.Loss is not null)
                {
                    return true;
                }

                began = _batch.Count == 0 ? _time.GetTimestamp() : began;
                TakeFromChunk();
            }

            if (_batch.IsFull || (_batch.Count > 0 && (_burstEnded || !await MoreComesAsync(began, cancellationToken))))
            {
                return true;
            }

            if (_batch.Count == 0 && !await WaitForChunkAsync(Timeout.InfiniteTimeSpan, cancellationToken))
            {
                return false;
            }
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
