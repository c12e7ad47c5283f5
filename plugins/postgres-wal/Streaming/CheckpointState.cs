using System.Buffers.Binary;

namespace Penstock.Sources.PostgresWal;

/// <summary>What a watermark keeps in the checkpoint beside its position.</summary>
/// <param name="EndLsn">The end of the transaction, which is what the server is told; 0 when it is not known.</param>
/// <param name="Server">Whose WAL that is in.</param>
/// <param name="At">When the last transaction that was received was committed, by the server's clock; the default when none was.</param>
readonly record struct CheckpointState(ulong EndLsn, ServerIdentity Server, DateTimeOffset At)
{
    const int Length = 28;

    // Before the server's identity was kept.
    const int OldLength = 8;

    /// <exception cref="PluginException">Another plugin wrote it.</exception>
    public static CheckpointState Of(Watermark watermark)
    {
        var state = watermark.State.Span;
        return state.Length switch
        {
            0 => default,
            OldLength => new CheckpointState(BinaryPrimitives.ReadUInt64BigEndian(state), default, default),
            Length when BinaryPrimitives.ReadInt64BigEndian(state[20..]) is >= 0 and var ticks && ticks <= DateTime.MaxValue.Ticks => new CheckpointState(
                BinaryPrimitives.ReadUInt64BigEndian(state),
                new ServerIdentity(BinaryPrimitives.ReadUInt64BigEndian(state[8..]), BinaryPrimitives.ReadUInt32BigEndian(state[16..])),
                new DateTimeOffset(ticks, TimeSpan.Zero)),
            _ => throw new PluginException(
                FailureKind.Permanent,
                $"Expected a checkpoint state of {Length} bytes at {watermark.Position}, found {state.Length} of something else: another plugin wrote it; "
                + "use another state directory or source name."),
        };
    }

    public byte[] ToBytes()
    {
        var state = new byte[Length];
        BinaryPrimitives.WriteUInt64BigEndian(state, EndLsn);
        BinaryPrimitives.WriteUInt64BigEndian(state.AsSpan(8), Server.SystemId);
        BinaryPrimitives.WriteUInt32BigEndian(state.AsSpan(16), Server.Timeline);
        BinaryPrimitives.WriteInt64BigEndian(state.AsSpan(20), At.UtcTicks);
        return state;
    }
}
