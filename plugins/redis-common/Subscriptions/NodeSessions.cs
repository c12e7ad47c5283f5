using Microsoft.Extensions.Logging;

namespace Penstock.Redis;

/// <summary>Opens the sessions of one listener, one after another.</summary>
sealed class NodeSessions(SubscriptionPlan plan, ListenTarget target, CanaryRight right, SourceContext context)
{
    readonly ILogger _log = context.LoggerFactory.CreateLogger<NodeSessions>();
    DateTimeOffset _checkedAt;
    long _silentChanges;

    /// <summary>What the server did before, it will do again as soon as somebody sets it right: no reason to stop for ever.</summary>
    public static PluginException Passing(PluginException cleared) => new(FailureKind.Transient, cleared.Message, cleared);

    /// <summary>Why a server has given up channels: it is no primary any more, or their slots are another's.</summary>
    public static async ValueTask<(LossCause Cause, string Detail)> WhyAsync(SubscriptionSession session)
    {
        try
        {
            var hello = await session.Connection.ExecuteAsync(["HELLO", "3"], CancellationToken.None).ConfigureAwait(false);
            if (!ServerGreeting.Of(hello).IsPrimary)
            {
                return (LossCause.Failover, $"{session.Node} is a replica now.");
            }
        }
        catch (RedisClientException)
        {
            // Why is not known, then.
        }

        return (LossCause.SlotMoved, $"{session.Node} has given up channels: their slots are another server's now.");
    }

    /// <summary>As <see cref="ListenTarget.RegroupAsync"/>.</summary>
    /// <exception cref="PluginException">Nobody could be asked.</exception>
    public async ValueTask<IReadOnlyList<ListenTarget>> RegroupAsync(CancellationToken stopReading)
    {
        try
        {
            return await target.RegroupAsync(stopReading).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopReading.IsCancellationRequested)
        {
            return [];
        }
        catch (RedisClientException failure)
        {
            throw failure.ToPluginException("Looking for the owners of slots");
        }
    }

    /// <summary>Connects, checks, subscribes, and waits for the first canary. Null when reading was stopped meanwhile.</summary>
    /// <param name="hasProof">Whether the server did before what it is to do.</param>
    /// <param name="stopReading">Stops it.</param>
    /// <exception cref="PluginException">It failed.</exception>
    public async Task<SubscriptionSession?> OpenAsync(bool hasProof, CancellationToken stopReading)
    {
        try
        {
            return await OpenAsync(hasProof, plan.HasCanary, stopReading).ConfigureAwait(false);
        }
        catch (PluginException refusal) when (plan.HasCanary && refusal.InnerException is RedisException { Code: "NOPERM" })
        {
            // The server does not say which of the channels it is about: without the canary's it may do.
            var session = await OpenAsync(hasProof, hasCanary: false, stopReading).ConfigureAwait(false);
            right.Refused(target.Where, refusal.InnerException.Message);
            return session;
        }
    }

    /// <summary>Goes on asking what was asked before the session began.</summary>
    public FeedCheck NewCheck(SubscriptionSession session) =>
        new(plan.Feed, session.Connection, _checkedAt, _silentChanges, context.TimeProvider);

    async Task<SubscriptionSession?> OpenAsync(bool hasProof, bool hasCanary, CancellationToken stopReading)
    {
        RedisConnection? connection = null;
        SubscriptionSession? session = null;
        try
        {
            connection = await target.ConnectAsync(stopReading).ConfigureAwait(false);
            _checkedAt = context.TimeProvider.GetUtcNow();
            _silentChanges = await plan.Feed.CheckAsync(connection, stopReading).ConfigureAwait(false);
            var canary = hasCanary ? await NewCanaryAsync(connection, stopReading).ConfigureAwait(false) : null;
            session = await SubscriptionSession.SubscribeAsync(
                connection, plan, target, canary, context.TimeProvider, stopReading).ConfigureAwait(false);
            connection = null;
            if (canary is not null)
            {
                await SettleAsync(canary, stopReading).ConfigureAwait(false);
            }

            _log.Subscribed(context.Pipeline, context.Instance, target.Count, session.Node);
            var open = session;
            session = null;
            return open;
        }
        catch (OperationCanceledException) when (stopReading.IsCancellationRequested)
        {
            return null;
        }
        catch (PluginException cleared) when (hasProof)
        {
            throw Passing(cleared);
        }
        catch (RedisClientException failure)
        {
            throw failure.ToPluginException($"Subscribing at {target.Where}");
        }
        finally
        {
            if (connection is not null)
            {
                await connection.DisposeAsync().ConfigureAwait(false);
            }

            if (session is not null)
            {
                await session.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    // One that cannot be sent for the time being leaves the window uncertain.
    static async ValueTask SettleAsync(Canary canary, CancellationToken stopReading)
    {
        canary.Start();
        try
        {
            await canary.SettledAsync(stopReading).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
        }

        if (canary.Failure is { } failure)
        {
            throw failure;
        }
    }

    async ValueTask<Canary?> NewCanaryAsync(RedisConnection subscribed, CancellationToken stopReading) =>
        await target.CallCanaryAsync($"{Guid.NewGuid():n}", stopReading).ConfigureAwait(false) is { } call
            ? new Canary(call, subscribed, stop => target.ConnectSenderAsync(subscribed.Endpoint, stop), right, context.TimeProvider)
            : null;
}
