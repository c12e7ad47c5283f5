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
public sealed class SubscriptionSource(RedisConnectionOptions options, ISubscriptionFeed feed, SourceContext context) : IChangeSource
{
    readonly ILogger _log = context.LoggerFactory.CreateLogger<SubscriptionSource>();
    readonly RedisServers _servers = new(options, context);
    readonly LossWindows _windows = new();
    DateTimeOffset _checkedAt;
    ulong _epoch;
    ulong _count;

    /// <inheritdoc/>
    public SourceTraits Traits => feed.Traits;

    /// <inheritdoc/>
    public async IAsyncEnumerable<SourceMessage> ReadAsync(
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
        BeginNumbering(resumeAfter);
        if (_windows.Close(session.SubscribedAt) is { } found)
        {
            yield return found;
        }

        var check = new FeedCheck(feed, session.Connection, _checkedAt, context.TimeProvider);
        while (await session.NextAsync().ConfigureAwait(false))
        {
            while (session.TryRead(out var push))
            {
                if (feed.Subscription.TryTake(push, out var channel, out var payload)
                    && feed.Read(channel, payload, Position(_count + 1)) is { } change)
                {
                    _count++;
                    yield return change;
                }
            }

            if (session.TakeProof())
            {
                if (await check.PollAsync().ConfigureAwait(false) is { } cleared)
                {
                    if (_windows.Open(cleared.Message, LossCause.SettingCleared) is { } window)
                    {
                        yield return window;
                    }

                    throw Passing(cleared);
                }

                // A server that sends nothing any more is alive, too.
                var proof = new ProofOfLife(check.HeldAt < session.ProvenAt ? check.HeldAt : session.ProvenAt, session.Node);
                _windows.Prove(proof);
                yield return new Watermark(Position(_count)) { State = proof.ToState() };
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

    /// <summary>Nothing to do: the server keeps nothing for us.</summary>
    public ValueTask AcknowledgeAsync(IReadOnlyList<Watermark> reached, CancellationToken cancellationToken) => default;

    /// <summary>Nothing to do: a connection lives no longer than the enumerator that reads it.</summary>
    public ValueTask DisposeAsync() => default;

    // Null when reading was stopped meanwhile.
    async Task<SubscriptionSession?> OpenAsync(CancellationToken stopReading)
    {
        RedisConnection? connection = null;
        try
        {
            connection = await _servers.ConnectSubscriberAsync(stopReading).ConfigureAwait(false);
            _checkedAt = context.TimeProvider.GetUtcNow();
            await feed.CheckAsync(connection, stopReading).ConfigureAwait(false);
            var session = await SubscriptionSession.SubscribeAsync(
                connection, feed.Subscription, context.TimeProvider, stopReading).ConfigureAwait(false);
            _log.Subscribed(context.Pipeline, context.Instance, feed.Subscription.Count, session.Node);
            connection = null;
            return session;
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
            throw failure.ToPluginException($"Subscribing at {string.Join(", ", options.Endpoints)}");
        }
        finally
        {
            if (connection is not null)
            {
                await connection.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    // What the server did before, it will do again as soon as somebody sets it right: no reason to stop for ever.
    static PluginException Passing(PluginException cleared) => new(FailureKind.Transient, cleared.Message, cleared);

    // An instance counts from the clock at its first subscription, and from above the checkpoint should the clock have been set back.
    void BeginNumbering(IReadOnlyList<Watermark> resumeAfter)
    {
        if (_epoch == 0)
        {
            var last = resumeAfter is [var checkpoint, ..] ? (ulong)(checkpoint.Position.Order >> 64) : 0;
            _epoch = Math.Max(last + 1, (ulong)context.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds());
        }
    }

    SourcePosition Position(ulong count) => new("", SourcePosition.Compose(_epoch, count));
}
