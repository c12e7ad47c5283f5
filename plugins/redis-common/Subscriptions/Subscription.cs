using System.Text;

namespace Penstock.Redis;

/// <summary>
/// The channels and patterns of one source. Redis sends a message once for its channel and once for every pattern that matches; here it
/// counts once: the channel wins over the patterns, and of several patterns the first.
/// </summary>
public sealed class Subscription
{
    readonly byte[][] _channels;
    readonly byte[][] _patterns;
    readonly byte[][] _sharded;
    readonly byte[] _canaries;
    readonly HashSet<byte[]>.AlternateLookup<ReadOnlySpan<byte>> _exact;

    /// <summary>A subscription to these names; there must be at least one, and none twice.</summary>
    /// <param name="channels">Exact names.</param>
    /// <param name="patterns">Redis patterns.</param>
    /// <param name="sharded">Sharded channels by their exact names.</param>
    /// <param name="canaries">What the channels of canaries begin with, our own and others': they are not for the pipeline. Empty for none.</param>
    public Subscription(IReadOnlyList<string> channels, IReadOnlyList<string> patterns, IReadOnlyList<string> sharded, string canaries)
    {
        _canaries = Encoding.UTF8.GetBytes(canaries);
        _channels = [.. channels.Select(Encoding.UTF8.GetBytes)];
        _patterns = [.. patterns.Select(Encoding.UTF8.GetBytes)];
        _sharded = [.. sharded.Select(Encoding.UTF8.GetBytes)];
        _exact = new HashSet<byte[]>(_channels, BytesComparer.Instance).GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>The number of names.</summary>
    public int Count => _channels.Length + _patterns.Length + _sharded.Length;

    /// <summary>Whether there are names that are not sharded.</summary>
    internal bool HasPlain => _channels.Length + _patterns.Length > 0;

    internal IReadOnlyList<byte[]> Sharded => _sharded;

    /// <summary>The commands that subscribe: channels first, so that no message comes by a pattern only because it came early.</summary>
    /// <param name="canary">A channel of its own for each connection; null for none.</param>
    /// <param name="withSharded">Whether to the sharded channels as well.</param>
    internal CommandBuffer Commands(string? canary, bool withSharded)
    {
        var commands = new CommandBuffer();
        if (canary is not null)
        {
            commands.AddCommand("SUBSCRIBE", canary);
        }

        Add(commands, "SUBSCRIBE"u8, _channels);
        Add(commands, "PSUBSCRIBE"u8, _patterns);
        if (withSharded)
        {
            AddSharded(commands, _sharded);
        }

        return commands;
    }

    /// <summary>A command for each slot: a server refuses names of several slots at once.</summary>
    internal static void AddSharded(CommandBuffer commands, IReadOnlyList<byte[]> channels)
    {
        foreach (var slot in channels.GroupBy(channel => HashSlot.Of(channel)))
        {
            Add(commands, "SSUBSCRIBE"u8, [.. slot]);
        }
    }

    /// <summary>Whether a push is something published, and not word of a subscription.</summary>
    internal static bool IsMessage(in RespValue push) => push.Items is [var kind, ..]
        && (kind.Span.SequenceEqual("message"u8) || kind.Span.SequenceEqual("smessage"u8) || kind.Span.SequenceEqual("pmessage"u8));

    /// <summary>The message of a push; false when it is none, or one that comes by another name too.</summary>
    internal bool TryTake(in RespValue push, out PushMessage message)
    {
        message = default;
        var items = push.Items;
        switch (items.Length)
        {
            case 3 when items[0].Span.SequenceEqual("message"u8) || items[0].Span.SequenceEqual("smessage"u8):
                message = new PushMessage(items[1].Bytes, items[2].Bytes);
                return !IsCanary(items[1].Span);
            case 4 when items[0].Span.SequenceEqual("pmessage"u8) && IsFirst(items[1].Span, items[2].Span):
                message = new PushMessage(items[2].Bytes, items[3].Bytes);
                return !IsCanary(items[2].Span);
            default:
                return false;
        }
    }

    bool IsCanary(ReadOnlySpan<byte> channel) => _canaries.Length > 0 && channel.StartsWith(_canaries);

    bool IsFirst(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> channel)
    {
        if (_channels.Length > 0 && _exact.Contains(channel))
        {
            return false;
        }

        foreach (var earlier in _patterns)
        {
            if (pattern.SequenceEqual(earlier))
            {
                return true;
            }

            if (Glob.IsMatch(earlier, channel))
            {
                return false;
            }
        }

        return false;
    }

    static void Add(CommandBuffer commands, ReadOnlySpan<byte> command, byte[][] names)
    {
        if (names.Length > 0)
        {
            commands.Begin(1 + names.Length);
            commands.Add(command);
            foreach (var name in names)
            {
                commands.Add(name);
            }
        }
    }
}
