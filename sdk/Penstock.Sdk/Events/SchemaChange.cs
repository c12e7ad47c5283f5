namespace Penstock;

/// <summary>
/// The rows of a subject have another shape from here on. Emitted before the first row of the new shape, not for the first shape of a subject that was never seen.
/// </summary>
/// <remarks>
/// A barrier for every sink that is <see cref="ISchemaAware"/>: all that came before is settled there, lane 0 gets it, and only then the rows of the new shape follow.
/// Follow it with a watermark that keeps what was seen, if it must not be reported again after a restart.
/// </remarks>
public sealed class SchemaChange : SourceMessage
{
    /// <summary>Whose rows they are: <c>public.orders</c>.</summary>
    public required string Subject { get; init; }

    /// <summary>The shape before; null when it is no longer known, as after a restart.</summary>
    public RowSchema? Before { get; init; }

    /// <summary>The shape of the rows that follow.</summary>
    public required RowSchema After { get; init; }

    /// <summary>The position of the first change of the new shape.</summary>
    public required SourcePosition Position { get; init; }

    /// <summary>When that change happened by the source's clock; null, the default, when the source cannot know.</summary>
    public DateTimeOffset? OccurredAt { get; init; }

    /// <summary>What changed, in one sentence for the operator, with the source's own names of types. Default empty.</summary>
    public string Detail { get; init; } = "";
}
