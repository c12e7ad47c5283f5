namespace Penstock.MicroBenchmarks.Samples;

/// <summary>Yields the same events again and again, with a call back after each round: nothing of the source is in the figures.</summary>
sealed class RepeatingSource(ChangeEvent[] events, int rounds, Action endRound) : IChangeSource, IAsyncEnumerable<SourceMessage>, IAsyncEnumerator<SourceMessage>
{
    readonly Watermark _watermark = new(events[^1].Position);
    int _round;
    int _next;

    public SourceTraits Traits { get; } = new()
    {
        Guarantee = DeliveryGuarantee.AtLeastOnce,
        CanReplay = true,
        PositionOrder = PositionOrder.Partition,
        Loss = "none",
        Order = "as made",
    };

    public SourceMessage Current { get; private set; } = null!;

    public IAsyncEnumerable<SourceMessage> ReadAsync(IReadOnlyList<Watermark> resumeAfter, CancellationToken stopReading) => this;

    public IAsyncEnumerator<SourceMessage> GetAsyncEnumerator(CancellationToken cancellationToken) => this;

    public ValueTask<bool> MoveNextAsync()
    {
        if (_next < events.Length)
        {
            Current = events[_next++];
            return new(true);
        }

        if (ReferenceEquals(Current, _watermark))
        {
            endRound();
            if (++_round == rounds)
            {
                return new(false);
            }

            _next = 1;
            Current = events[0];
            return new(true);
        }

        Current = _watermark;
        return new(true);
    }

    public ValueTask AcknowledgeAsync(IReadOnlyList<Watermark> reached, CancellationToken cancellationToken) => default;

    public ValueTask DisposeAsync() => default;
}
