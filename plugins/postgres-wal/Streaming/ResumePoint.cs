namespace Penstock.Sources.PostgresWal;

/// <summary>Where to go on, from the watermark that the host kept.</summary>
/// <param name="Order">Changes at or below were received; 0 when nothing is known.</param>
/// <param name="State">What was kept beside it.</param>
readonly record struct ResumePoint(UInt128 Order, CheckpointState State)
{
    public bool IsKnown => Order > 0;

    /// <summary>The end of the last transaction that was received whole; 0 when there is none.</summary>
    public ulong EndLsn => State.EndLsn;

    /// <summary>A slot that was confirmed beyond this has given up changes that we lack.</summary>
    public ulong Floor => EndLsn > 0 ? EndLsn : (ulong)(Order >> 64);

    /// <summary>
    /// How far the server's WAL must reach to be the one that was read: amid a transaction, beyond the beginning of its commit, although its end is not known. Changes that
    /// another server has before this would be taken for received.
    /// </summary>
    public ulong Reach => Math.Max(EndLsn, (ulong)(Order >> 64) + ((ulong)Order == 0 ? 0UL : 1UL));

    public static ResumePoint From(IReadOnlyList<Watermark> resumeAfter) =>
        LastOf(resumeAfter) is { } last ? new ResumePoint(last.Position.Order, CheckpointState.Of(last)) : default;

    /// <summary>The last one of the slot's stream, whose partition has no name.</summary>
    public static Watermark? LastOf(IReadOnlyList<Watermark> watermarks)
    {
        for (var i = watermarks.Count - 1; i >= 0; i--)
        {
            if (watermarks[i].Position.Partition.Length == 0)
            {
                return watermarks[i];
            }
        }

        return null;
    }
}
