namespace Penstock;

/// <summary>
/// Delivers changes to one system. Every lane has an instance and connections of its own, so an implementation needs no locks.
/// Let exceptions propagate: the host retries, backs off and reports.
/// </summary>
public interface ISink : IAsyncDisposable
{
    /// <summary>What this sink promises. Read again after <see cref="OpenAsync"/>, when a sink may know more about its server.</summary>
    SinkTraits Traits { get; }

    /// <summary>Connects. Called before the first write and again, on the same instance, after a failed attempt to open.</summary>
    ValueTask OpenAsync(CancellationToken cancellationToken);

    /// <summary>Writes a batch in order. Returning means durable, as <see cref="SinkTraits.Durability"/> defines it.</summary>
    /// <param name="batch">At least one event. The list is reused by the host after the call; the events in it may be kept.</param>
    /// <param name="cancellationToken">Cancelled when the drain deadline passes.</param>
    /// <exception cref="PluginException">
    /// <see cref="FailureKind.Poison"/> with an index i: events before i are durable, i is refused, the rest was not attempted.
    /// Any other exception: the host sends the whole batch again.
    /// </exception>
    /// <remarks>Never called twice at once on one instance. Reconnect in here when the last call failed.</remarks>
    ValueTask WriteAsync(IReadOnlyList<ChangeEvent> batch, CancellationToken cancellationToken);
}
