namespace Penstock;

/// <summary>Up to where a sink holds what one source sent to one of its lanes.</summary>
/// <param name="Source">The source's name in the pipeline.</param>
/// <param name="Position">The newest position stored. Everything at or before it, in its partition, is stored or was never sent to this lane.</param>
public readonly record struct StoredPosition(string Source, SourcePosition Position)
{
    /// <summary>The only subject this holds for; null when it holds for all. Default null.</summary>
    public string? Subject { get; init; }
}
