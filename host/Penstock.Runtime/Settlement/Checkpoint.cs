namespace Penstock.Runtime.Settlement;

/// <summary>What a source resumes after: one entry per partition.</summary>
sealed record Checkpoint(long Generation, IReadOnlyList<Watermark> Partitions)
{
    public static Checkpoint None { get; } = new(0, []);

    /// <summary>How far each sink is; never behind <see cref="Partitions"/>.</summary>
    public IReadOnlyList<SinkCursor> Sinks { get; init; } = [];

    /// <summary>Whether an operator set it and no run has begun from it yet.</summary>
    public bool IsReset { get; init; }

    /// <summary>Whether there is nothing that says that what a sink holds is from this source's present run of positions.</summary>
    public bool IsUnproven => Partitions.Count == 0 && (Generation == 0 || IsReset);

    public SinkCursor? CursorOf(string sink) => Sinks.FirstOrDefault(cursor => cursor.Sink == sink);
}
