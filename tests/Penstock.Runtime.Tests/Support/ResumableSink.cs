namespace Penstock.Runtime.Tests.Support;

/// <summary>A recording sink that says what it holds: what its store has of this lane.</summary>
sealed class ResumableSink(SinkStore store, SinkContext context) : ISink, IResumableSink
{
    readonly RecordingSink _sink = new(store, context);

    public SinkTraits Traits { get; } = new() { Durability = Durability.Flushed, StoresPositions = true };

    public ValueTask OpenAsync(CancellationToken cancellationToken) => _sink.OpenAsync(cancellationToken);

    public ValueTask<IReadOnlyList<StoredPosition>> ReadPositionsAsync(CancellationToken cancellationToken) => new(store.ReadPositions(context.Lane));

    public ValueTask WriteAsync(IReadOnlyList<ChangeEvent> batch, CancellationToken cancellationToken) => _sink.WriteAsync(batch, cancellationToken);

    public ValueTask DisposeAsync() => default;
}
