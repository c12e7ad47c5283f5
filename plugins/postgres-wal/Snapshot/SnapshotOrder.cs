namespace Penstock.Sources.PostgresWal;

/// <summary>The order of a snapshot's positions: where the WAL was, what was over there, and the number of the row.</summary>
/// <remarks>
/// A transaction that waits for a standby is in the WAL and becomes visible later, without a further byte: rows that are read again at the same place
/// may then be others, and must not pass for those that a sink already has.
/// </remarks>
static class SnapshotOrder
{
    // Seventeen million millions of rows; what is left counts more transactions than can wait for a standby at once.
    const int OrdinalBits = 44;
    const ulong OrdinalMask = (1UL << OrdinalBits) - 1;

    public static UInt128 Of(ulong lsn, TransactionSnapshot snapshot, ulong ordinal) => SourcePosition.Compose(lsn, (snapshot.Over << OrdinalBits) | (ordinal & OrdinalMask));

    public static ulong OrdinalOf(UInt128 order) => (ulong)order & OrdinalMask;
}
