namespace Penstock;

/// <summary>What a write that returned has survived.</summary>
public enum Durability
{
    /// <summary>Nothing: the events were shown or counted, not kept.</summary>
    None = 1,

    /// <summary>The death of the host; the receiving server keeps the data in memory only.</summary>
    Memory = 2,

    /// <summary>As <see cref="Memory"/>, and the receiving server writes to disk about once a second.</summary>
    EverySecond = 3,

    /// <summary>The death of host and receiving server: the data was flushed to disk before the write returned.</summary>
    Flushed = 4,

    /// <summary>The receiving server does not tell.</summary>
    Unknown = 5,
}
