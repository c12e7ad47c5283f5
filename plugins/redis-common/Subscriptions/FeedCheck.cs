namespace Penstock.Redis;

/// <summary>
/// Keeps asking whether the server still sends what is asked for, beside the reading: the answer may wait behind messages that are not read yet.
/// </summary>
sealed class FeedCheck
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    readonly ISubscriptionFeed _feed;
    readonly RedisConnection _connection;
    readonly TimeProvider _time;
    DateTimeOffset _askedAt;
    long _asked;
    long _silentChanges;
    Task<long>? _asking;

    /// <param name="feed">Asks.</param>
    /// <param name="connection">The subscribed connection.</param>
    /// <param name="heldAt">When it was asked before, with success.</param>
    /// <param name="silentChanges">What it said then.</param>
    /// <param name="time">The clock.</param>
    public FeedCheck(ISubscriptionFeed feed, RedisConnection connection, DateTimeOffset heldAt, long silentChanges, TimeProvider time)
    {
        _feed = feed;
        _connection = connection;
        _time = time;
        _askedAt = heldAt;
        _silentChanges = silentChanges;
        _asked = time.GetTimestamp();
        HeldAt = feed.DependsOnSettings ? heldAt : DateTimeOffset.MaxValue;
    }

    /// <summary>When the server was last asked and said that it does; never over when it need not be asked.</summary>
    public DateTimeOffset HeldAt { get; private set; }

    /// <summary>Between which instants the server changed data and told nobody; null when it did not.</summary>
    public (DateTimeOffset From, DateTimeOffset To)? SilentChange { get; private set; }

    /// <summary>Takes the answer, if it has come, and asks again when it is time.</summary>
    /// <returns>Why the server does not send it any more; otherwise null.</returns>
    public async ValueTask<PluginException?> PollAsync()
    {
        SilentChange = null;
        if (!_feed.DependsOnSettings)
        {
            return null;
        }

        try
        {
            await TakeAsync().ConfigureAwait(false);
            if (_asking is null && _time.GetElapsedTime(_asked) >= Interval)
            {
                _asked = _time.GetTimestamp();
                _askedAt = _time.GetUtcNow();
                _asking = _feed.CheckAsync(_connection, CancellationToken.None).AsTask();
            }

            return null;
        }
        catch (PluginException e)
        {
            return e;
        }
        catch (RedisClientException)
        {
            // The connection has ended, and tells so itself; or the server could not say, and is asked again.
            return null;
        }
    }

    async ValueTask TakeAsync()
    {
        if (_asking is { IsCompleted: true } answer)
        {
            _asking = null;
            var silentChanges = await answer.ConfigureAwait(false);
            if (silentChanges > _silentChanges)
            {
                SilentChange = (HeldAt, _time.GetUtcNow());
            }

            // Fewer than before: somebody has set the server's counters back.
            _silentChanges = silentChanges;
            HeldAt = _askedAt;
        }
    }
}
