namespace Penstock;

/// <summary>A source that can deliver rows that exist already again, while it reads their changes.</summary>
public interface ISnapshotSource
{
    /// <summary>
    /// Begins to read subjects anew, each from its first row; may run beside <see cref="IChangeSource.ReadAsync"/>, and waits for it to connect.
    /// </summary>
    /// <param name="subjects">What to read; all of them are subjects of this source.</param>
    /// <param name="cancellationToken">Ends the wait, not what has begun.</param>
    /// <returns>Completes when the host has acknowledged watermarks with which a restart goes on reading them: nobody need ask again.</returns>
    /// <exception cref="PluginException">
    /// The source cannot read one of them; nothing has begun. <see cref="FailureKind.Transient"/>: the same request may succeed later.
    /// </exception>
    ValueTask RequestSnapshotAsync(IReadOnlyList<string> subjects, CancellationToken cancellationToken);
}
