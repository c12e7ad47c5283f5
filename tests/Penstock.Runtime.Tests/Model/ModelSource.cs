using Penstock.Runtime.Tests.Support;

namespace Penstock.Runtime.Tests.Model;

/// <summary>The source of one host: yields when it is told to, and hears an acknowledgement when it is told to.</summary>
sealed class ModelSource(World world, int epoch) : IChangeSource
{
    readonly Queue<Watermark> _emitted = [];
    ModelReader? _reader;
    IReadOnlyList<Watermark>? _acknowledged;
    TaskCompletionSource? _acknowledging;
    bool _stopped;

    public SourceTraits Traits { get; } = ScriptedSource.TraitsOf(PositionOrder.Partition);

    /// <summary>Whether the pump waits for a message that there is.</summary>
    public bool CanYield => !_stopped && _reader is { IsAwaited: true, HasNext: true };

    public bool IsAcknowledging => _acknowledging is not null;

    public bool IsStopped => _stopped;

    /// <summary>The place of the next message.</summary>
    public int Next => _reader!.Next;

    /// <summary>Messages that the pump may still take without waiting.</summary>
    public int Released => _reader!.Released;

    public bool IsBroken => _reader!.IsBroken;

    /// <summary>The watermarks that were emitted and have not come back, oldest first.</summary>
    public IReadOnlyCollection<Watermark> Outstanding => _emitted;

    /// <summary>How many events had been emitted before each of those.</summary>
    public Queue<long> After { get; } = [];

    public long Events { get; private set; }

    public IAsyncEnumerable<SourceMessage> ReadAsync(IReadOnlyList<Watermark> resumeAfter, CancellationToken stopReading)
    {
        _reader = new ModelReader(this, world.Log, Math.Max(Place.Of(resumeAfter), world.Confirmed));
        if (_stopped)
        {
            _reader.End();
        }

        return _reader;
    }

    public ValueTask AcknowledgeAsync(IReadOnlyList<Watermark> reached, CancellationToken cancellationToken)
    {
        foreach (var watermark in reached)
        {
            if (!_emitted.TryDequeue(out var expected) || !ReferenceEquals(expected, watermark))
            {
                world.Unseen ??= new Violation("contract", "the watermarks do not come back as they were emitted");
            }

            After.TryDequeue(out _);
        }

        _acknowledged = reached;
        _acknowledging = new TaskCompletionSource();
        return new ValueTask(_acknowledging.Task);
    }

    /// <summary>Yields so many messages; a watermark right after the last event comes with it.</summary>
    public void Yield(int count) => _reader!.Release(count);

    public void Confirm()
    {
        world.Confirm(epoch, Place.Of([_acknowledged![^1]]));
        Answered().SetResult();
    }

    /// <summary>The server is gone: readers and acknowledgements fail.</summary>
    public void Disconnect()
    {
        if (_acknowledging is not null)
        {
            Answered().SetException(new IOException("connection reset"));
        }

        _reader!.Break();
    }

    public void Stop()
    {
        _stopped = true;
        _reader!.End();
    }

    public ValueTask DisposeAsync() => default;

    public void Emitting(SourceMessage message)
    {
        if (message is Watermark watermark)
        {
            _emitted.Enqueue(watermark);
            After.Enqueue(Events);
        }
        else
        {
            Events++;
            world.HighestRead = Math.Max(world.HighestRead, Place.NumberOf((ChangeEvent)message));
        }
    }

    TaskCompletionSource Answered()
    {
        var answered = _acknowledging!;
        _acknowledging = null;
        return answered;
    }
}
