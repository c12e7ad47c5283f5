namespace Penstock;

/// <summary>Up to where a sink holds what one source sent to one of its lanes.</summary>
/// <param name="source">The source's name in the pipeline.</param>
/// <param name="position">The newest position stored. Everything at or before it, in its partition, is stored or was never sent to this lane.</param>
public readonly struct StoredPosition(string source, SourcePosition position) : IEquatable<StoredPosition>
{
    /// <summary>The source's name in the pipeline.</summary>
    public string Source { get; } = source;

    /// <summary>The newest position stored. Everything at or before it, in its partition, is stored or was never sent to this lane.</summary>
    public SourcePosition Position { get; } = position;

    /// <summary>The only subject this holds for; null when it holds for all. Default null.</summary>
    public string? Subject { get; init; }

    /// <inheritdoc/>
    public bool Equals(StoredPosition other) => Source == other.Source && Position == other.Position && Subject == other.Subject;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is StoredPosition other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Source, Position, Subject);

    /// <summary>Whether both say the same.</summary>
    public static bool operator ==(StoredPosition left, StoredPosition right) => left.Equals(right);

    /// <summary>Whether the two differ.</summary>
    public static bool operator !=(StoredPosition left, StoredPosition right) => !left.Equals(right);

    /// <summary>For logs.</summary>
    public override string ToString() => Subject is null ? $"{Source}:{Position}" : $"{Source}:{Position} of {Subject}";
}
