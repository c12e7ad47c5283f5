namespace Penstock.Sources.PostgresWal;

/// <summary>Where to go on, from the watermark that the host kept.</summary>
/// <param name="Order">Changes at or below were received; 0 when nothing is known.</param>
/// <param name="EndLsn">The end of the last transaction that was received whole; 0 when there is none.</param>
readonly record struct ResumePoint(UInt128 Order, ulong EndLsn)
{
    public bool IsKnown => Order > 0;

    /// <summary>A slot that was confirmed beyond this has given up changes that we lack.</summary>
    public ulong Floor => EndLsn > 0 ? EndLsn : (ulong)(Order >> 64);

    public static ResumePoint From(IReadOnlyList<Watermark> resumeAfter) =>
        resumeAfter is [.., var last] ? new ResumePoint(last.Position.Order, Lsn.OfState(last)) : default;
}
