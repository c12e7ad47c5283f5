namespace Penstock;

/// <summary>
/// Acquires changes from one system. The host owns stamping, routing, retries, settlement and checkpoints;
/// a source only reads and, when told so, acknowledges.
/// </summary>
public interface IChangeSource : IAsyncDisposable
{
    /// <summary>What this source promises with the options it was created with.</summary>
    SourceTraits Traits { get; }

    /// <summary>
    /// Connects and yields changes until the server has no more (a finite source), the token is cancelled, or the connection breaks.
    /// </summary>
    /// <param name="resumeAfter">
    /// One watermark per partition: on the first call the durable checkpoint, after a failure the last position the host
    /// <em>received</em>. Events at or below it must not be yielded again. The position may lie between two watermarks; the state
    /// is that of the last one before it, or empty. Empty when nothing is known.
    /// </param>
    /// <param name="stopReading">
    /// Ends reading only: the enumerator completes, while the source stays connected and keeps accepting
    /// acknowledgements until it is disposed. A source without position order ends at a watermark, or what follows its last one comes again.
    /// </param>
    /// <remarks>
    /// Throwing ends the enumerator. The host backs off and calls this method again on the same instance, unless the exception
    /// is a <see cref="PluginException"/> of <see cref="FailureKind.Permanent"/> or <see cref="FailureKind.PositionLost"/>.
    /// </remarks>
    IAsyncEnumerable<SourceMessage> ReadAsync(IReadOnlyList<Watermark> resumeAfter, CancellationToken stopReading);

    /// <summary>
    /// Tells the source that everything emitted before these watermarks is settled in every sink and checkpointed durably.
    /// </summary>
    /// <param name="reached">The very instances the source emitted, in emission order; each exactly once.</param>
    /// <param name="cancellationToken">Cancelled when the drain deadline passes.</param>
    /// <remarks>May run beside <see cref="ReadAsync"/>. A failure is logged and never fails the pipeline: the source repeats what it must.</remarks>
    ValueTask AcknowledgeAsync(IReadOnlyList<Watermark> reached, CancellationToken cancellationToken);
}
