using System.Diagnostics.CodeAnalysis;
using System.Text;
using Penstock.Redis;

namespace Penstock.Sinks.RedisStreams.Atomic;

/// <summary>
/// The key beside the streams in which a lane keeps its positions. In a cluster one script reaches one slot only, so there all streams of the
/// sink, and this key, must share a hash tag.
/// </summary>
static class PositionKey
{
    /// <summary>The key of a lane.</summary>
    public static string Of(RedisStreamsOptions options, StreamTemplate template, string pipeline, string sink, int lane) =>
        $"{Prefix(options, template)}{pipeline}/{sink}/{lane}";

    /// <summary>Whether these options cannot be atomic, and why.</summary>
    public static bool IsImpossible(RedisStreamsOptions options, StreamTemplate template, [NotNullWhen(true)] out string? problem)
    {
        problem = null;
        if (options.Connection.Topology != RedisTopology.Cluster)
        {
            return false;
        }

        if (template.FixedTag is not { } tag)
        {
            problem = "In a cluster atomic needs all streams in one slot: begin stream with a hash tag, such as \"{{cdc}}:{subject}\", or name one stream; "
                + $"found \"{options.Stream}\".";
        }
        else if (HashSlot.Of(Encoding.UTF8.GetBytes(Prefix(options, template))) != HashSlot.Of(tag))
        {
            problem = $"In a cluster atomic keeps its positions in the streams' slot, by the hash tag \"{{{Encoding.UTF8.GetString(tag)}}}\"; "
                + "braces in connection.keyPrefix, or in a stream's name that has no whole hash tag, stand in the way.";
        }

        return problem is not null;
    }

    static string Prefix(RedisStreamsOptions options, StreamTemplate template)
    {
        var tag = template.FixedTag is { } bytes ? $"{{{Encoding.UTF8.GetString(bytes)}}}:" : "";
        return $"{options.Connection.KeyPrefix}positions:{tag}";
    }
}
