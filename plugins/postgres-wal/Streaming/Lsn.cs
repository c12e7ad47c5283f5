using NpgsqlTypes;

namespace Penstock.Sources.PostgresWal;

/// <summary>
/// Positions of this source: the commit's LSN, then the change's ordinal in its transaction. A row's own LSN does not rise in commit
/// order, and rows of one COPY share it.
/// </summary>
static class Lsn
{
    public static SourcePosition Position(ulong commitLsn, uint ordinal) =>
        new("", SourcePosition.Compose(commitLsn, (ulong)ordinal << 32));

    /// <summary>The end LSN that a watermark keeps; 0 when it keeps none.</summary>
    public static ulong OfState(Watermark watermark) => CheckpointState.Of(watermark).EndLsn;

    /// <summary>As the server writes it: <c>0/1A2B3C4</c>.</summary>
    public static string Format(ulong lsn) => new NpgsqlLogSequenceNumber(lsn).ToString();
}
