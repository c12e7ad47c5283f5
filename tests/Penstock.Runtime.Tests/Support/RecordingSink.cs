namespace Penstock.Runtime.Tests.Support;

/// <summary>Writes into a <see cref="SinkStore"/>.</summary>
sealed class RecordingSink(SinkStore store, SinkContext context) : ISink, ILossAware, ISchemaAware
{
    public SinkTraits Traits { get; } = new() { Durability = Durability.Memory };

    public ValueTask OpenAsync(CancellationToken cancellationToken) => store.OnOpen?.Invoke(context, cancellationToken) ?? default;

    public async ValueTask WriteAsync(IReadOnlyList<ChangeEvent> batch, CancellationToken cancellationToken)
    {
        if (store.BeforeWrite is { } hook)
        {
            await hook(context, batch, cancellationToken);
        }

        store.Keep(context.Lane, batch);
        store.AfterWrite?.Invoke(batch);
    }

    public ValueTask OnLossAsync(LossWindow loss, CancellationToken cancellationToken)
    {
        store.OnLoss?.Invoke(loss);
        return default;
    }

    public ValueTask OnSchemaChangeAsync(SchemaChange change, CancellationToken cancellationToken)
    {
        store.OnSchemaChange?.Invoke(context.Lane, change);
        return default;
    }

    public ValueTask DisposeAsync() => default;
}
