using System.Threading.Channels;
using Penstock.Runtime.DeadLetters;
using Penstock.Runtime.Lanes;

namespace Penstock.Runtime.Tests.Model;

/// <summary>A lane without its waiting: gathers what there is into the real batch and has the real writer write it.</summary>
sealed class ModelLane
{
    readonly Channel<Chunk> _channel = Channel.CreateUnbounded<Chunk>();
    readonly Queue<Chunk> _chunks = [];
    readonly List<int> _waiting = [];
    readonly ModelSink _sink;
    readonly Func<Batch, Task> _write;
    readonly Batch _batch;
    Task _writing = Task.CompletedTask;
    int _taken;

    public ModelLane(ModelSink sink, SinkScope scope, int number, DeadLetterStore letters, Breaker breaker)
    {
        var identity = new LaneIdentity("p", scope.Name, number);
        _sink = sink;
        var limits = new BatchLimits { MaxEvents = scope.BatchSize };
        _batch = new Batch(limits);
        var its = new LaneLetters(identity, letters, PoisonPolicy.DeadLetter, scope.SameKey, Host.Services);
        var writer = new SinkWriter(identity, sink, its, new Backoff(new RetryDelays(), Host.Services.Time, Host.Services.Random), breaker, Host.Services);
        Host.Finished(writer.OpenAsync(CancellationToken.None).AsTask());
        Stored = writer.Stored ?? [];
        _write = batch => writer.WriteAsync(batch, CancellationToken.None);
        Limits = limits;
    }

    public BatchLimits Limits { get; }

    public ChannelWriter<Chunk> Queue => _channel.Writer;

    public ModelSink Sink => _sink;

    /// <summary>What the sink said that it holds.</summary>
    public IReadOnlyList<StoredPosition> Stored { get; }

    public bool CanWrite => _writing.IsCompleted && _waiting.Count > 0;

    public bool CanSettle => _sink.IsAnswering;

    public bool IsIdle => _writing.IsCompleted && _waiting.Count == 0;

    /// <summary>The numbers of the events that wait here.</summary>
    public IReadOnlyList<int> Waiting => _waiting;

    /// <summary>The events of the batch that are not settled.</summary>
    public ReadOnlySpan<ChangeEvent> Open => _batch.OpenEvents;

    /// <summary>Takes what the feed has handed over, and returns how many events that were.</summary>
    public int Receive()
    {
        var before = _waiting.Count;
        while (_channel.Reader.TryRead(out var chunk))
        {
            if (chunk.Count > 0)
            {
                _chunks.Enqueue(chunk);
            }

            for (var i = 0; i < chunk.Count; i++)
            {
                _waiting.Add(Place.NumberOf(chunk[i]));
            }
        }

        return _waiting.Count - before;
    }

    public void Write()
    {
        _batch.Clear();
        while (!_batch.IsFull && _chunks.TryPeek(out var chunk))
        {
            var took = _batch.Take(chunk, _taken);
            _taken += took;
            _waiting.RemoveRange(0, took);
            if (_taken == chunk.Count)
            {
                _chunks.Dequeue();
                _taken = 0;
            }
        }

        _writing = _write(_batch);
        Judge();
    }

    public void Settle()
    {
        _sink.Answer();
        Judge();
    }

    void Judge()
    {
        if (_writing.IsCompleted)
        {
            Host.Finished(_writing);
        }
    }
}
