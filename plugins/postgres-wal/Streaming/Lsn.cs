using NpgsqlTypes;

namespace Penstock.Sources.PostgresWal;

/// <summary>
/// Positions of this source: the commit's LSN, then the change's ordinal in its transaction. A row's own LSN does not rise in commit
/// order, and rows of one COPY share it.
/// </summary>
static class Lsn
{
    /// <param name="commitLsn">Where the commit stands; of a message without a transaction, where it ends.</param>
    /// <param name="ordinal">The change's.</param>
    /// <param name="message">The number of a logical message among those after this change, so that a row's position does not depend on whether messages are read.</param>
    public static SourcePosition Position(ulong commitLsn, uint ordinal, uint message = 0) =>
        new("", SourcePosition.Compose(commitLsn, ((ulong)ordinal << 32) | message));

    /// <summary>The end LSN that a watermark keeps; 0 when it keeps none.</summary>
    public static ulong OfState(Watermark watermark) => CheckpointState.Of(watermark).EndLsn;

    /// <summary>As the server writes it: <c>0/1A2B3C4</c>.</summary>
    public static string Format(ulong lsn) => new NpgsqlLogSequenceNumber(lsn).ToString();
}
