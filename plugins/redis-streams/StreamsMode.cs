namespace Penstock.Sources.RedisStreams;

/// <summary>Who remembers what was read.</summary>
public enum StreamsMode
{
    /// <summary>Redis, for the consumers of a group, which share the entries.</summary>
    Group = 1,

    /// <summary>The checkpoint: the source reads every entry, in order.</summary>
    Read = 2,
}
