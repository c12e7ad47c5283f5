namespace Penstock.Sources.PostgresWal;

/// <summary>Derives our intervals from <c>wal_sender_timeout</c>, after which the server drops a client that says nothing.</summary>
static class Timeouts
{
    static readonly TimeSpan LongestStatusInterval = TimeSpan.FromSeconds(2);
    static readonly TimeSpan ShortestStatusInterval = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan ShortestReceiveTimeout = TimeSpan.FromSeconds(15);
    static readonly TimeSpan UnlimitedSender = TimeSpan.FromSeconds(60);

    /// <summary>Below it, a third is shorter than the shortest interval in which we report.</summary>
    public static TimeSpan ShortestSenderTimeout { get; } = ShortestStatusInterval * 3;

    /// <summary>Two of these pass before an idle position is confirmed, and a stopping server waits for that.</summary>
    public static TimeSpan StatusInterval(TimeSpan walSenderTimeout)
    {
        var third = walSenderTimeout > TimeSpan.Zero ? walSenderTimeout / 3 : LongestStatusInterval;
        return third < ShortestStatusInterval ? ShortestStatusInterval : third > LongestStatusInterval ? LongestStatusInterval : third;
    }

    /// <summary>
    /// Longer than half of <c>wal_sender_timeout</c>: so long may a healthy server keep silent while it decodes a large transaction
    /// of which it sends nothing.
    /// </summary>
    public static TimeSpan ReceiveTimeout(TimeSpan walSenderTimeout)
    {
        var enough = (walSenderTimeout > TimeSpan.Zero ? walSenderTimeout : UnlimitedSender) * 2 / 3;
        return enough > ShortestReceiveTimeout ? enough : ShortestReceiveTimeout;
    }
}
