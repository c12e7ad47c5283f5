using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>
/// How many entries to ask for at once: as many as are configured, and fewer of large ones, so that a page has about a few megabytes whatever is in the streams,
/// once their size is known.
/// </summary>
/// <param name="most">What is configured.</param>
sealed class PageSize(int most)
{
    /// <summary>Before anything is known of the entries' size.</summary>
    public const int First = 64;

    /// <summary>How many bytes a page should have at the most; a single entry may have more.</summary>
    public const int MaxBytes = 8 << 20;

    public int Count { get; private set; } = Math.Min(most, First);

    /// <summary>Looks at a page that came.</summary>
    /// <param name="entries">How many there were.</param>
    /// <param name="bytes">How many bytes they took.</param>
    /// <param name="streams">Of how many streams: the server counts for each.</param>
    public void Learn(int entries, long bytes, int streams = 1)
    {
        if (entries > 0)
        {
            var fitting = MaxBytes / Math.Max(1, bytes / entries) / streams;
            Count = (int)Math.Clamp(Math.Min(fitting, Count * 2L), 1, most);
        }
    }

    /// <summary>The same, of a reply with names of streams and lists of entries in turn.</summary>
    public void Learn(RespValue reply, long bytes)
    {
        var entries = 0;
        for (var i = 1; i < reply.Count; i += 2)
        {
            entries += reply[i].Count;
        }

        Learn(entries, bytes, Math.Max(1, reply.Count / 2));
    }
}
