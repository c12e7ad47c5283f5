using System.Diagnostics;

namespace Penstock.MicroBenchmarks.RuntimeAlone;

/// <summary>An ordered source in this process: every message is made when it is asked for, and it never waits.</summary>
sealed class FreshSource(EventFactory events, long count) : IChangeSource, IAsyncEnumerable<SourceMessage>, IAsyncEnumerator<SourceMessage>
{
    long _made;
    bool _watermarkIsDue;

    public SourceTraits Traits { get; } = new()
    {
        Guarantee = DeliveryGuarantee.AtLeastOnce,
        CanReplay = true,
        PositionOrder = PositionOrder.Partition,
        Loss = "none",
        Order = "as made",
    };

    /// <summary>When the first event was asked for.</summary>
    public long Began { get; private set; }

    /// <summary>How many events the acknowledged watermarks cover.</summary>
    public long Acknowledged { get; private set; }

    public SourceMessage Current { get; private set; } = null!;

    public IAsyncEnumerable<SourceMessage> ReadAsync(IReadOnlyList<Watermark> resumeAfter, CancellationToken stopReading) => this;

    public IAsyncEnumerator<SourceMessage> GetAsyncEnumerator(CancellationToken cancellationToken)
    {
        Began = Stopwatch.GetTimestamp();
        return this;
    }

    public ValueTask<bool> MoveNextAsync() => new(MoveNext());

    public bool MoveNext()
    {
        if (_watermarkIsDue)
        {
            _watermarkIsDue = false;
            Current = EventFactory.WatermarkAfter(_made - 1);
            return true;
        }

        if (_made == count)
        {
            return false;
        }

        Current = events.Make(_made++);
        _watermarkIsDue = _made == count || _made % EventFactory.EventsPerWatermark == 0;
        return true;
    }

    public ValueTask AcknowledgeAsync(IReadOnlyList<Watermark> reached, CancellationToken cancellationToken)
    {
        Acknowledged = EventFactory.NumberOf(reached[^1].Position) + 1;
        return default;
    }

    public ValueTask DisposeAsync() => default;
}
