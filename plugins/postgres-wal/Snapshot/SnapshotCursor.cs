using System.Buffers.Binary;

namespace Penstock.Sources.PostgresWal;

/// <summary>How far the snapshot of a table has come: what its watermarks keep in the checkpoint.</summary>
/// <param name="Run">0 for the initial snapshot; rises with each repetition.</param>
/// <param name="Ordinal">The rows of all runs so far, those that the stream had newer among them, and their beginnings: never the same twice.</param>
/// <param name="Rows">The rows of this run so far.</param>
/// <param name="IsDone">Whether the table was read to its end.</param>
/// <param name="Shape">Tells whether <paramref name="Last"/> can be gone on from; 0 before the first row.</param>
/// <param name="Last">The key of the last row, its values as text; for a table without a key, the next block and the one to end at.</param>
sealed record SnapshotCursor(uint Run, ulong Ordinal, long Rows, bool IsDone, ulong Shape, byte[][] Last)
{
    /// <summary>What a checkpoint takes of one state.</summary>
    public const int MaxLength = 4096;

    const byte Version = 1;
    const int HeadLength = 1 + sizeof(uint) + sizeof(ulong) + sizeof(long) + 1 + sizeof(ulong) + 1;

    public static SnapshotCursor Start { get; } = new(0, 0, 0, false, 0, []);

    /// <exception cref="PluginException">Something else wrote it.</exception>
    public static SnapshotCursor Of(Watermark watermark)
    {
        var state = watermark.State.Span;
        if (state.IsEmpty)
        {
            // An operator moved it, or a sink lost rows: the place is known to nobody, so the table is read from its first row.
            return Start with { Run = 1, Ordinal = SnapshotOrder.OrdinalOf(watermark.Position.Order) };
        }

        if (state.Length < HeadLength || state[0] != Version)
        {
            throw Foreign(watermark);
        }

        var last = new byte[state[HeadLength - 1]][];
        var rest = state[HeadLength..];
        for (var i = 0; i < last.Length; i++)
        {
            if (rest.Length < sizeof(ushort) || BinaryPrimitives.ReadUInt16BigEndian(rest) is var length && rest.Length - sizeof(ushort) < length)
            {
                throw Foreign(watermark);
            }

            last[i] = rest.Slice(sizeof(ushort), length).ToArray();
            rest = rest[(sizeof(ushort) + length)..];
        }

        return new SnapshotCursor(
            BinaryPrimitives.ReadUInt32BigEndian(state[1..]),
            BinaryPrimitives.ReadUInt64BigEndian(state[5..]),
            BinaryPrimitives.ReadInt64BigEndian(state[13..]),
            state[21] != 0,
            BinaryPrimitives.ReadUInt64BigEndian(state[22..]),
            last);
    }

    /// <summary>Begins the table anew.</summary>
    public SnapshotCursor Repeat() => new(Run + 1, Ordinal + 1, 0, false, 0, []);

    /// <summary>Begins this run again at the first row.</summary>
    public SnapshotCursor FromFirstRow() => this with { Rows = 0, Shape = 0, Last = [] };

    public byte[] ToBytes()
    {
        var state = new byte[Length(Last)];
        state[0] = Version;
        BinaryPrimitives.WriteUInt32BigEndian(state.AsSpan(1), Run);
        BinaryPrimitives.WriteUInt64BigEndian(state.AsSpan(5), Ordinal);
        BinaryPrimitives.WriteInt64BigEndian(state.AsSpan(13), Rows);
        state[21] = IsDone ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt64BigEndian(state.AsSpan(22), Shape);
        state[HeadLength - 1] = (byte)Last.Length;
        var rest = state.AsSpan(HeadLength);
        foreach (var value in Last)
        {
            BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)value.Length);
            value.CopyTo(rest[sizeof(ushort)..]);
            rest = rest[(sizeof(ushort) + value.Length)..];
        }

        return state;
    }

    /// <summary>What a state with this key takes.</summary>
    public static int Length(byte[][] last)
    {
        var length = HeadLength;
        foreach (var value in last)
        {
            length += sizeof(ushort) + value.Length;
        }

        return length;
    }

    static PluginException Foreign(Watermark watermark) => new(
        FailureKind.Permanent,
        $"Expected the state of a snapshot at {watermark.Position}, found {watermark.State.Length} bytes of something else: another version wrote it. "
        + "Reset this source with penstock positions reset PIPELINE/SOURCE --to start, which reads the tables again.");
}
