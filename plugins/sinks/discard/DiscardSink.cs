namespace Penstock.Sinks.Discard;

sealed class DiscardSink : ISink
{
    public static SinkTraits Promise { get; } = new() { Durability = Durability.None, IsIdempotent = true, NeverBlocksSockets = true };

    public SinkTraits Traits => Promise;

    public ValueTask OpenAsync(CancellationToken cancellationToken) => default;

    public ValueTask WriteAsync(IReadOnlyList<ChangeEvent> batch, CancellationToken cancellationToken) => default;

    public ValueTask DisposeAsync() => default;
}
