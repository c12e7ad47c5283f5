namespace Penstock;

/// <summary>
/// Implemented by a sink that stores the position of what it writes together with the data, in one atomic step, so that it can say after a
/// crash what it already has. The host then skips that instead of writing it twice. Say so in <see cref="SinkTraits.StoresPositions"/>.
/// </summary>
public interface IResumableSink
{
    /// <summary>
    /// What this instance, and so this lane, holds. Called after <see cref="ISink.OpenAsync"/> and before the first write; retried as a
    /// write is.
    /// </summary>
    /// <returns>For each source the newest position stored; more than one for a source when subjects are stored apart, and one for each partition unless there is one without a name. Empty when nothing is stored.</returns>
    /// <remarks>
    /// Leave out what a replay of dead letters wrote (<see cref="EventHeaders.Replayed"/>): its positions are older than what came before it. A
    /// sink that compares positions itself leaves out those without order, too (<see cref="EventOrigin.PositionOrder"/>).
    /// </remarks>
    ValueTask<IReadOnlyList<StoredPosition>> ReadPositionsAsync(CancellationToken cancellationToken);
}
