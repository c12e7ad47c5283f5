namespace Penstock;

/// <summary>
/// Emitted by a source after whatever it can acknowledge as a whole. The host hands the same instance back to
/// <see cref="IChangeSource.AcknowledgeAsync"/> once everything emitted before it is settled and checkpointed.
/// </summary>
/// <param name="position">Everything of the partition at or below this position has been emitted.</param>
public sealed class Watermark(SourcePosition position) : SourceMessage
{
    /// <summary>Everything of the partition at or below this position has been emitted.</summary>
    public SourcePosition Position { get; } = position;

    /// <summary>What the source needs to resume from here; kept in the checkpoint. Default empty. Keep it under 4 KiB.</summary>
    public ReadOnlyMemory<byte> State { get; init; }

    /// <summary>What the source needs to acknowledge this watermark (ids, say); handed back, never kept. Default null.</summary>
    public object? Tag { get; init; }

    /// <summary>
    /// Whether the partition is finished and leaves the checkpoint. Default false. Its name must not come back with lower positions: what a sink
    /// stored of it would be taken for the new one.
    /// </summary>
    public bool Closes { get; init; }
}
