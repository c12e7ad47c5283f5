using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Penstock.Redis;

/// <summary>
/// Reads what a Redis server sends to subscribers: at most once, and every interval in which something may have been missed is a
/// loss window.
/// </summary>
/// <remarks>
/// About once a second, when the server has answered a PING, a watermark carries the proof of life into the checkpoint. The host writes it
/// there when everything before it is settled; after a restart the loss window opens there, so messages that were received and lost in a
/// crash lie inside it.
/// </remarks>
public sealed class SubscriptionSource : IChangeSource
{
    // How many messages are prepared at once.
    const int ChunkSize = 256;

    readonly SubscriptionPlan _plan;
    readonly SourceContext _context;
    readonly Func<IReadOnlyList<Watermark>, CancellationToken, IAsyncEnumerable<NodeNews>> _listen;
    readonly List<PushMessage> _chunk = new(ChunkSize);
    ulong _epoch;
    ulong _count;

    /// <param name="options">Where the server is.</param>
    /// <param name="servers">The way to it.</param>
    /// <param name="plan">What to listen to.</param>
    /// <param name="context">The source's.</param>
    public SubscriptionSource(RedisConnectionOptions options, RedisServers servers, SubscriptionPlan plan, SourceContext context)
    {
        _plan = plan;
        _context = context;
        var right = new CanaryRight(context.LoggerFactory.CreateLogger<SubscriptionSource>(), context);
        var where = string.Join(", ", options.Endpoints);
        if (servers.IsCluster && (plan.Feed.IsFromEveryPrimary || plan.Feed.Subscription.Sharded.Count > 0))
        {
            _listen = new ClusterListener(plan, servers, options.KeyPrefix, where, right, context).ListenAsync;
        }
        else
        {
            // Its failures are the host's to see and to try again.
            _listen = new NodeListener(plan, new ServerTarget(servers, plan.Feed, where, node: null), born: null, right, context).ListenAsync;
        }
    }

    /// <inheritdoc/>
    public SourceTraits Traits => _plan.Feed.Traits;

    /// <inheritdoc/>
    public async IAsyncEnumerable<SourceMessage> ReadAsync(
        IReadOnlyList<Watermark> resumeAfter, [EnumeratorCancellation] CancellationToken stopReading)
    {
        await foreach (var news in _listen(resumeAfter, stopReading).ConfigureAwait(false))
        {
            if (news.Window is { } window)
            {
                yield return window;
            }
            else if (news.Proof is { } proof)
            {
                BeginNumbering(resumeAfter);
                yield return new Watermark(Position()) { State = proof.ToState() };
            }

            for (var next = 0; Collect(news.Batch, ref next);)
            {
                BeginNumbering(resumeAfter);
                await _plan.Feed.PrepareAsync(_chunk, news.Node).ConfigureAwait(false);
                foreach (var message in _chunk)
                {
                    _count++;
                    yield return _plan.Feed.Read(message, Position());
                }
            }
        }
    }

    /// <summary>Nothing to do: the server keeps nothing for us.</summary>
    public ValueTask AcknowledgeAsync(IReadOnlyList<Watermark> reached, CancellationToken cancellationToken) => default;

    /// <summary>Ends what the feed has beside the connections, which live no longer than the enumerator that reads them.</summary>
    public ValueTask DisposeAsync() => _plan.Feed.DisposeAsync();

    // The next messages that somebody asked for; false when there are no more.
    bool Collect(IReadOnlyList<RespValue>? batch, ref int next)
    {
        _chunk.Clear();
        for (; batch is not null && next < batch.Count && _chunk.Count < ChunkSize; next++)
        {
            if (_plan.Feed.Subscription.TryTake(batch[next], out var message) && _plan.Feed.IsWanted(message))
            {
                _chunk.Add(message);
            }
        }

        return _chunk.Count > 0;
    }

    // An instance counts from the clock at its first subscription, and from above the checkpoint should the clock have been set back.
    void BeginNumbering(IReadOnlyList<Watermark> resumeAfter)
    {
        if (_epoch == 0)
        {
            var last = resumeAfter is [var checkpoint, ..] ? (ulong)(checkpoint.Position.Order >> 64) : 0;
            _epoch = Math.Max(last + 1, (ulong)_context.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds());
        }
    }

    SourcePosition Position() => new("", SourcePosition.Compose(_epoch, _count));
}
