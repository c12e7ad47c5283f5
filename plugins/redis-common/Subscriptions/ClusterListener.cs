using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Penstock.Redis;

/// <summary>
/// Listens at several servers of a cluster, and follows its changes. Each server has a connection, a loss window and attempts of its own; only
/// when none can be listened to does the whole fail.
/// </summary>
sealed class ClusterListener(SubscriptionPlan plan, RedisServers servers, string keyPrefix, string where, CanaryRight right, SourceContext context)
{
    static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(2);

    // Elections take a few seconds; what takes longer is to be seen in the host's health.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    readonly ILogger _log = context.LoggerFactory.CreateLogger<ClusterListener>();
    readonly LossWindows _start = new(born: null);
    readonly List<NodeListener> _listeners = [];
    readonly List<NodeListener> _leaving = [];
    readonly List<(RedisEndpoint Node, LossWindow Born)> _joining = [];
    DateTimeOffset _listedAt;
    long _listenedLast;

    /// <inheritdoc cref="NodeListener.ListenAsync"/>
    public async IAsyncEnumerable<NodeNews> ListenAsync(
        IReadOnlyList<Watermark> resumeAfter, [EnumeratorCancellation] CancellationToken stopReading)
    {
        if (_listeners.Count == 0)
        {
            if (_start.Begin(resumeAfter) is { } lost)
            {
                yield return lost;
            }

            await PlanAsync(stopReading).ConfigureAwait(false);
        }

        _listenedLast = context.TimeProvider.GetTimestamp();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopReading);
        var merge = new NewsMerge();
        try
        {
            foreach (var listener in _listeners)
            {
                merge.Add(listener, end.Token);
            }

            var listing = ListAsync(end.Token);
            while (merge.Count > 0)
            {
                if (listing.IsCompleted)
                {
                    Follow(await listing.ConfigureAwait(false));
                    Join(merge, end.Token);
                    listing = ListAsync(end.Token);
                }

                if (await merge.NextAsync(listing).ConfigureAwait(false) is not var (from, told))
                {
                    continue;
                }

                if (told is not { } news)
                {
                    // One that has only stopped still counts: what it misses is behind the checkpoint.
                    if (_leaving.Remove(from))
                    {
                        _listeners.Remove(from);
                        Join(merge, end.Token);
                    }

                    continue;
                }

                if (news.HasChildren)
                {
                    foreach (var child in from.TakeChildren())
                    {
                        _listeners.Add(child);
                        merge.Add(child, end.Token);
                    }
                }
                else if (news.Failure is { } failure)
                {
                    if (_listeners.TrueForAll(listener => listener.HasFailed) && context.TimeProvider.GetElapsedTime(_listenedLast) > Patience)
                    {
                        throw new PluginException(FailureKind.Transient, failure.Message, failure);
                    }
                }
                else if (news.Proof is null)
                {
                    _listenedLast = context.TimeProvider.GetTimestamp();
                    yield return news;
                }
                else if (OldestProof() is { } proof)
                {
                    yield return proof;
                }

                if (_listeners.TrueForAll(listener => listener.HasListened)
                    && _start.Close(context.TimeProvider.GetUtcNow(), _listeners.TrueForAll(listener => listener.IsProven)) is { } begun)
                {
                    yield return begun;
                }
            }
        }
        finally
        {
            await end.CancelAsync().ConfigureAwait(false);
            await merge.DisposeAsync().ConfigureAwait(false);

            // Nobody else asks for their channels the next time.
            _listeners.AddRange([.. _listeners.SelectMany(listener => listener.TakeChildren())]);
        }
    }

    async ValueTask PlanAsync(CancellationToken stopReading)
    {
        var subscription = plan.Feed.Subscription;
        if (plan.Feed.IsFromEveryPrimary)
        {
            _listedAt = context.TimeProvider.GetUtcNow();
            foreach (var node in await PrimariesAsync(stopReading).ConfigureAwait(false))
            {
                Add(AtNode(node), born: null);
            }

            return;
        }

        if (subscription.HasPlain)
        {
            Add(new ServerTarget(servers, plan.Feed, where, node: null), born: null);
        }

        // Who owns what is found out by the first attempt.
        Add(new ShardTarget(servers, subscription.Sharded, keyPrefix), born: null);
    }

    async ValueTask<IReadOnlyList<RedisEndpoint>> PrimariesAsync(CancellationToken stopReading)
    {
        try
        {
            return await servers.PrimariesAsync(stopReading).ConfigureAwait(false);
        }
        catch (RedisClientException failure)
        {
            throw failure.ToPluginException($"Asking {where} for the primaries");
        }
    }

    // Null when nobody could be asked.
    async Task<(IReadOnlyList<RedisEndpoint> Primaries, DateTimeOffset AskedAt)?> ListAsync(CancellationToken stop)
    {
        await Task.Delay(plan.Feed.IsFromEveryPrimary ? PollInterval : Timeout.InfiniteTimeSpan, context.TimeProvider, stop)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            stop.ThrowIfCancellationRequested();
            var askedAt = context.TimeProvider.GetUtcNow();
            return (await servers.PrimariesAsync(stop).ConfigureAwait(false), askedAt);
        }
        catch (OperationCanceledException)
        {
            await Task.Delay(PollInterval, context.TimeProvider, CancellationToken.None).ConfigureAwait(false);
            return null;
        }
        catch (RedisClientException)
        {
            return null;
        }
    }

    void Follow((IReadOnlyList<RedisEndpoint> Primaries, DateTimeOffset AskedAt)? list)
    {
        if (list is not { } now || _leaving.Count > 0)
        {
            return;
        }

        // What a server that left had missed, and what was not heard of one that came, lies in the window of the one that came.
        var missing = new ProofOfLife(_listedAt, "");
        foreach (var listener in _listeners.FindAll(listener => NodeOf(listener) is { } node && !now.Primaries.Contains(node)))
        {
            _log.NodeLeft(context.Pipeline, context.Instance, listener.Target.Where);
            missing = listener.Proven is { } proven && proven.At < missing.At ? proven : missing;
            _leaving.Add(listener);
            listener.Leave();
        }

        foreach (var node in now.Primaries)
        {
            if (!_listeners.Exists(listener => NodeOf(listener) == node))
            {
                _log.NodeJoined(context.Pipeline, context.Instance, node.ToString());
                _joining.Add((node, new LossWindow
                {
                    Cause = _leaving.Count > 0 ? LossCause.Failover : LossCause.SlotMoved,
                    OpenedAt = missing.At,
                    Node = node.ToString(),
                    Detail = $"{node} has become a primary, and was not listened to yet.",
                }));
            }
        }

        _listedAt = now.AskedAt;
    }

    // The old ones go first: a demoted server sends what its new primary sends, and nothing is to come twice.
    void Join(NewsMerge merge, CancellationToken stop)
    {
        if (_leaving.Count > 0)
        {
            return;
        }

        foreach (var (node, born) in _joining)
        {
            merge.Add(Add(AtNode(node), born), stop);
        }

        _joining.Clear();
    }

    static RedisEndpoint? NodeOf(NodeListener listener) => (listener.Target as ServerTarget)?.Node;

    NodeListener Add(ListenTarget target, LossWindow? born)
    {
        var listener = new NodeListener(plan, target, born, right, context);
        _listeners.Add(listener);
        return listener;
    }

    ServerTarget AtNode(RedisEndpoint node) => new(servers, plan.Feed, node.ToString(), node);

    // Up to when nothing is missing anywhere; null as long as somebody cannot tell.
    ProofOfLife? OldestProof()
    {
        // Of primaries that came after the list was asked for, nothing is known.
        var oldest = plan.Feed.IsFromEveryPrimary ? new ProofOfLife(_listedAt, "") : null;
        foreach (var (node, born) in _joining)
        {
            oldest = Older(oldest, new ProofOfLife(born.OpenedAt, node.ToString()));
        }

        foreach (var listener in _listeners)
        {
            if (listener.Proven is not { } proof)
            {
                return null;
            }

            oldest = Older(oldest, proof);
        }

        return oldest;

        static ProofOfLife Older(ProofOfLife? one, ProofOfLife other) => one is not null && one.At < other.At ? one : other;
    }
}
