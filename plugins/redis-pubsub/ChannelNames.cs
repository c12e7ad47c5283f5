using System.Text;
using Penstock.Redis;

namespace Penstock.Sources.RedisPubSub;

/// <summary>The text and the bytes of channel names, made once per channel instead of once per message.</summary>
sealed class ChannelNames
{
    // Patterns can match names without end; beyond this many the memory starts anew.
    const int Capacity = 4096;

    readonly Dictionary<byte[], string> _names = new(BytesComparer.Instance);
    readonly Dictionary<byte[], string>.AlternateLookup<ReadOnlySpan<byte>> _lookup;

    public ChannelNames() => _lookup = _names.GetAlternateLookup<ReadOnlySpan<byte>>();

    public (string Text, byte[] Bytes) Of(ReadOnlySpan<byte> channel)
    {
        if (_lookup.TryGetValue(channel, out var bytes, out var text))
        {
            return (text, bytes);
        }

        if (_names.Count == Capacity)
        {
            _names.Clear();
        }

        bytes = channel.ToArray();
        text = Encoding.UTF8.GetString(bytes);
        _names.Add(bytes, text);
        return (text, bytes);
    }
}
