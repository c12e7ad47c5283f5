using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>What the server says of a stream, and how far it was read, at one moment.</summary>
/// <param name="Added">How many entries were ever added; null before Redis 7.0, which does not count.</param>
/// <param name="Length">How many are there.</param>
/// <param name="LastGenerated">The id of the newest that was ever added.</param>
/// <param name="First">The id of the oldest that is there; null when there is none.</param>
/// <param name="Delivered">The last id that the group was given, or that we have read.</param>
/// <param name="Read">How many entries that were; null when the server has lost count, because single entries were deleted.</param>
/// <param name="MaxDeleted">The highest id that was deleted by itself.</param>
readonly record struct StreamFacts(long? Added, long Length, StreamId LastGenerated, StreamId? First, StreamId Delivered, long? Read, StreamId MaxDeleted)
{
    /// <summary>
    /// How many entries left the stream before they were read; null when that cannot be said now.
    /// </summary>
    /// <remarks>
    /// While some of what was delivered is still in the stream and more waits behind it, the server does not tell how much waits: the answer comes
    /// when the group has read everything, or when the rest is gone, too.
    /// </remarks>
    public long? Missed => Read switch
    {
        null => null,
        { } read when Delivered == LastGenerated => Added - read,
        { } read when IsOvertaken => Added - Length - read,
        _ => null,
    };

    /// <summary>Whether nothing of what was delivered is left: what was removed may have waited.</summary>
    public bool IsOvertaken => First is not { } first || Delivered.Order < first.Order;

    /// <summary>
    /// Reads the replies to XINFO STREAM and XINFO GROUPS; null when there is no such stream or group.
    /// </summary>
    public static StreamFacts? Of(RespValue stream, RespValue groups, ReadOnlySpan<byte> group)
    {
        if (FindGroup(groups, group) is not { } found)
        {
            return null;
        }

        var read = found.Find("entries-read"u8);
        var delivered = StreamId.Parse(found.Find("last-delivered-id"u8).Span);
        return Of(stream, delivered, !read.IsNull ? read.AsInt64() : delivered == default ? 0 : null);
    }

    /// <summary>Reads the reply to XINFO STREAM; null when there is no such stream.</summary>
    /// <param name="stream">The reply.</param>
    /// <param name="delivered">The last id that was read.</param>
    /// <param name="read">How many entries were read.</param>
    public static StreamFacts? Of(RespValue stream, StreamId delivered, long? read)
    {
        if (stream.IsError)
        {
            return null;
        }

        var added = stream.Find("entries-added"u8);
        var first = stream.Find("first-entry"u8);
        var deleted = stream.Find("max-deleted-entry-id"u8);
        return new StreamFacts(
            added.IsNull ? null : added.AsInt64(),
            stream.Find("length"u8).AsInt64(),
            StreamId.Parse(stream.Find("last-generated-id"u8).Span),
            first.Count == 0 ? null : StreamId.Parse(first[0].Span),
            delivered,
            read,
            deleted.IsNull ? default : StreamId.Parse(deleted.Span));
    }

    static RespValue? FindGroup(RespValue groups, ReadOnlySpan<byte> name)
    {
        foreach (var group in groups.Items)
        {
            if (group.Find("name"u8).Span.SequenceEqual(name))
            {
                return group;
            }
        }

        return null;
    }
}
