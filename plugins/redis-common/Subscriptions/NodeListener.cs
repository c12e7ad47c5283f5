using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Penstock.Redis;

/// <summary>Listens at one server, and keeps account of when it did not.</summary>
/// <param name="plan">What to subscribe to.</param>
/// <param name="where">The server, or where to ask for it.</param>
/// <param name="connect">Makes a connection to the server; with a heartbeat when asked for.</param>
/// <param name="right">Whether canaries may fly.</param>
/// <param name="context">The source's.</param>
sealed class NodeListener(
    SubscriptionPlan plan,
    string where,
    Func<bool, CancellationToken, ValueTask<RedisConnection>> connect,
    CanaryRight right,
    SourceContext context)
{
    const string OverflowDetail =
        "The pipeline took the messages more slowly than they came: what found no room (maxBacklog) was dropped.";

    const string SilentDetail = "FLUSHALL, FLUSHDB or SWAPDB was called: the server changed keys in bulk and notified nobody.";

    readonly ILogger _log = context.LoggerFactory.CreateLogger<NodeListener>();
    readonly LossWindows _windows = new();
    DateTimeOffset _checkedAt;
    long _silentChanges;

    /// <summary>Whether everything was in order before, in this process.</summary>
    public bool HasProof => _windows.HasProof;

    /// <summary>Listens until reading is stopped.</summary>
    /// <param name="resumeAfter">The checkpoint; only looked at before the first subscription of this instance.</param>
    /// <param name="stopReading">Stops it.</param>
    /// <exception cref="PluginException">The connection could not be made, or has ended.</exception>
    public async IAsyncEnumerable<NodeNews> ListenAsync(
        IReadOnlyList<Watermark> resumeAfter, [EnumeratorCancellation] CancellationToken stopReading)
    {
        if (_windows.Begin(resumeAfter) is { } lost)
        {
            yield return lost;
        }

        var session = await OpenAsync(stopReading).ConfigureAwait(false);
        if (session is null)
        {
            yield break;
        }

        await using var closing = session.ConfigureAwait(false);
        context.ReportConnected();
        if (_windows.Close(session.IsProven ? context.TimeProvider.GetUtcNow() : session.SubscribedAt, session.IsProven) is { } found)
        {
            yield return found;
        }

        var check = new FeedCheck(plan.Feed, session.Connection, _checkedAt, _silentChanges, context.TimeProvider);
        var told = DateTimeOffset.MinValue;
        while (await session.NextAsync().ConfigureAwait(false))
        {
            if (session.Batch.Count > 0)
            {
                yield return new NodeNews(session.Node) { Batch = session.Batch };
            }

            if (session.Overflow is { } overflow)
            {
                yield return Window(LossCause.Overflow, (overflow.Since, overflow.Until), session.Node, OverflowDetail, overflow.Count);
            }

            if (session.ProvenAt > told)
            {
                if (await check.PollAsync().ConfigureAwait(false) is { } cleared)
                {
                    if (_windows.Open(cleared.Message, LossCause.SettingCleared) is { } window)
                    {
                        yield return window;
                    }

                    throw Passing(cleared);
                }

                if (check.SilentChange is { } silent)
                {
                    yield return Window(LossCause.Deleted, silent, session.Node, SilentDetail, missed: null);
                }

                // A server that sends nothing any more is alive, too.
                told = session.ProvenAt;
                var proof = new ProofOfLife(check.HeldAt < told ? check.HeldAt : told, session.Node);
                _windows.Prove(proof);
                yield return proof;
            }
        }

        if (!stopReading.IsCancellationRequested && session.Failure is { } failure)
        {
            if (_windows.Open(failure.Message) is { } window)
            {
                yield return window;
            }

            throw failure.ToPluginException($"Listening at {session.Node}");
        }
    }

    // What the server did before, it will do again as soon as somebody sets it right: no reason to stop for ever.
    static PluginException Passing(PluginException cleared) => new(FailureKind.Transient, cleared.Message, cleared);

    static LossWindow Window(LossCause cause, (DateTimeOffset From, DateTimeOffset To) span, string node, string detail, long? missed) => new()
    {
        Cause = cause,
        OpenedAt = span.From,
        ClosedAt = span.To,
        Node = node,
        IsCertain = true,
        Missed = missed,
        Detail = detail,
    };

    // Null when reading was stopped meanwhile.
    async Task<SubscriptionSession?> OpenAsync(CancellationToken stopReading)
    {
        RedisConnection? connection = null;
        SubscriptionSession? session = null;
        try
        {
            connection = await connect(true, stopReading).ConfigureAwait(false);
            _checkedAt = context.TimeProvider.GetUtcNow();
            _silentChanges = await plan.Feed.CheckAsync(connection, stopReading).ConfigureAwait(false);
            var canary = plan.HasCanary ? NewCanary(connection) : null;
            session = await SubscriptionSession.SubscribeAsync(connection, plan, canary, context.TimeProvider, stopReading).ConfigureAwait(false);
            connection = null;
            if (canary is not null)
            {
                await SettleAsync(canary, stopReading).ConfigureAwait(false);
            }

            _log.Subscribed(context.Pipeline, context.Instance, plan.Feed.Subscription.Count, session.Node);
            var open = session;
            session = null;
            return open;
        }
        catch (OperationCanceledException) when (stopReading.IsCancellationRequested)
        {
            return null;
        }
        catch (PluginException cleared) when (_windows.HasProof)
        {
            throw Passing(cleared);
        }
        catch (RedisClientException failure)
        {
            throw failure.ToPluginException($"Subscribing at {where}");
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

    Canary NewCanary(RedisConnection subscribed) => new(
        plan.Feed.CallCanary($"{CanaryCall.NamePrefix}{Guid.NewGuid():n}"),
        subscribed,
        stop => connect(false, stop),
        right,
        context.TimeProvider);

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
}
