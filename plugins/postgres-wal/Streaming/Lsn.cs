using System.Buffers.Binary;
using NpgsqlTypes;

namespace Penstock.Sources.PostgresWal;

/// <summary>
/// Positions of this source: the commit's LSN, then the change's ordinal in its transaction. A row's own LSN does not rise in commit
/// order, and rows of one COPY share it.
/// </summary>
static class Lsn
{
    const int StateLength = sizeof(ulong);

    public static SourcePosition Position(ulong commitLsn, uint ordinal) => new("", SourcePosition.Compose(commitLsn, (ulong)ordinal << 32));

    /// <summary>The commit LSN of a position.</summary>
    public static ulong OfCommit(SourcePosition position) => (ulong)(position.Order >> 64);

    public static Watermark Watermark(ulong commitLsn, uint ordinal, ulong endLsn)
    {
        var state = new byte[StateLength];
        BinaryPrimitives.WriteUInt64BigEndian(state, endLsn);
        return new Watermark(Position(commitLsn, ordinal)) { State = state };
    }

    /// <summary>The end LSN that a watermark keeps; 0 when it keeps none.</summary>
    public static ulong OfState(Watermark watermark) => watermark.State.Length switch
    {
        0 => 0,
        StateLength => BinaryPrimitives.ReadUInt64BigEndian(watermark.State.Span),
        var length => throw new PluginException(
            FailureKind.Permanent,
            $"Expected a checkpoint state of {StateLength} bytes at {watermark.Position}, found {length}: another plugin wrote it; use another state directory or source name."),
    };

    /// <summary>As the server writes it: <c>0/1A2B3C4</c>.</summary>
    public static string Format(ulong lsn) => new NpgsqlLogSequenceNumber(lsn).ToString();
}
