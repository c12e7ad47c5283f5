namespace Penstock.Runtime.Settlement;

/// <summary>What a source resumes after: one entry per partition.</summary>
sealed record Checkpoint(long Generation, IReadOnlyList<Watermark> Partitions)
{
    public static Checkpoint None { get; } = new(0, []);
}
