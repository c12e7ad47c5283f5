using System.Buffers.Binary;
using System.Text;

namespace Penstock.Redis;

/// <summary>
/// An instant up to which everything was received, and from which server; what the checkpoint of an at-most-once source holds.
/// </summary>
/// <param name="At">The instant.</param>
/// <param name="Node">The server as host:port.</param>
sealed record ProofOfLife(DateTimeOffset At, string Node)
{
    public byte[] ToState()
    {
        var state = new byte[sizeof(long) + Encoding.UTF8.GetByteCount(Node)];
        BinaryPrimitives.WriteInt64LittleEndian(state, At.UtcTicks);
        Encoding.UTF8.GetBytes(Node, state.AsSpan(sizeof(long)));
        return state;
    }

    /// <exception cref="PluginException">Another plugin wrote the state.</exception>
    public static ProofOfLife FromState(ReadOnlySpan<byte> state)
    {
        if (state.Length < sizeof(long)
            || BinaryPrimitives.ReadInt64LittleEndian(state) is var ticks
            && (ticks < DateTime.UnixEpoch.Ticks || ticks > DateTime.MaxValue.Ticks))
        {
            throw new PluginException(
                FailureKind.Permanent,
                $"Expected the checkpoint to hold an instant, found {state.Length} bytes of something else: "
                + "another plugin wrote it. Give the source a name of its own, or reset its position.");
        }

        return new ProofOfLife(new DateTimeOffset(ticks, TimeSpan.Zero), Encoding.UTF8.GetString(state[sizeof(long)..]));
    }
}
