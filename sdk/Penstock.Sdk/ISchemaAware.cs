namespace Penstock;

/// <summary>Implemented by a sink that acts when the shape of a subject changes: that adds a column to its table, say.</summary>
public interface ISchemaAware
{
    /// <summary>
    /// Called on lane 0 between two writes. Every lane has written what came before the change and gets nothing of that source before this returns, so the first row of the
    /// new shape finds the change made.
    /// </summary>
    /// <param name="change">What changed. It comes again after a crash that kept the checkpoint from covering it, so make it so that a second time does no harm.</param>
    /// <param name="cancellationToken">Cancelled when the drain deadline passes.</param>
    /// <remarks>What it throws is treated as what a write throws: the host calls again, or stops the pipeline.</remarks>
    ValueTask OnSchemaChangeAsync(SchemaChange change, CancellationToken cancellationToken);
}
