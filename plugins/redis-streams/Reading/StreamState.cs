using System.Text;

namespace Penstock.Sources.RedisStreams;

/// <summary>What the source knows about one of its streams. Only the reader changes it.</summary>
sealed class StreamState(string name)
{
    /// <summary>Also the subject and the partition.</summary>
    public string Name { get; } = name;

    public byte[] NameBytes { get; } = Encoding.UTF8.GetBytes(name);

    /// <summary>Whether the group has existed, in this run or before it: if it does not any more, something was lost.</summary>
    public bool HadGroup { get; set; }

    /// <summary>The last entry that was emitted.</summary>
    public StreamId LastEmitted { get; set; }

    /// <summary>Rises when the group is made anew: ids from before it mean nothing any more.</summary>
    public int Generation { get; set; }
}
