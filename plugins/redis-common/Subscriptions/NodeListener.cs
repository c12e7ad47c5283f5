using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Penstock.Redis;

/// <summary>Listens at one server, and keeps account of when it did not.</summary>
/// <param name="plan">What the source does on each connection.</param>
/// <param name="target">Where it listens, and to which names.</param>
/// <param name="born">The window that is open from the beginning; null for none.</param>
/// <param name="right">Whether canaries may fly.</param>
/// <param name="context">The source's.</param>
sealed class NodeListener(SubscriptionPlan plan, ListenTarget target, LossWindow? born, CanaryRight right, SourceContext context)
{
    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    readonly ILogger _log = context.LoggerFactory.CreateLogger<NodeListener>();
    readonly NodeSessions _sessions = new(plan, target, right, context);
    readonly LossWindows _windows = new(born);
    readonly ConcurrentQueue<NodeListener> _children = [];
    Action? _cancel;
    bool _isLeaving;

    public ListenTarget Target => target;

    /// <summary>Up to when nothing is missing; null before the first proof.</summary>
    public ProofOfLife? Proven => _windows.Proven;

    /// <summary>Whether it has listened at all.</summary>
    public bool HasListened { get; private set; }

    /// <summary>Whether a canary has come on the last connection.</summary>
    public bool IsProven { get; private set; }

    /// <summary>Whether it has failed since it listened last.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Those who are to listen to what this one has given up. They are here from that instant on, whether or not the news of it is read.</summary>
    public IEnumerable<NodeListener> TakeChildren()
    {
        while (_children.TryDequeue(out var child))
        {
            yield return child;
        }
    }

    /// <summary>Ends it for good.</summary>
    public void Leave()
    {
        _isLeaving = true;
        try
        {
            _cancel?.Invoke();
        }
        catch (ObjectDisposedException)
        {
            // It has just ended by itself.
        }
    }

    /// <summary>Listens until the connection ends.</summary>
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

        var others = await _sessions.RegroupAsync(stopReading).ConfigureAwait(false);
        foreach (var other in others)
        {
            Bear(other, "Its slots have another owner than the rest.", LossCause.SlotMoved);
        }

        if (others.Count > 0)
        {
            yield return new NodeNews(target.Where) { HasChildren = true };
        }

        if (stopReading.IsCancellationRequested)
        {
            yield break;
        }

        var session = await _sessions.OpenAsync(_windows.HasProof, stopReading).ConfigureAwait(false);
        if (session is null)
        {
            yield break;
        }

        await using var closing = session.ConfigureAwait(false);
        (HasListened, HasFailed, IsProven) = (true, false, session.IsProven);
        context.ReportConnected();
        var found = _windows.Close(session.IsProven ? context.TimeProvider.GetUtcNow() : session.SubscribedAt, session.IsProven);

        // Should it end before its first proof of life, this is where the window opens.
        var check = _sessions.NewCheck(session);
        _windows.Prove(new ProofOfLife(check.HeldAt < session.ProvenAt ? check.HeldAt : session.ProvenAt, session.Node));
        if (found is not null)
        {
            yield return found;
        }

        var told = DateTimeOffset.MinValue;
        while (await session.NextAsync().ConfigureAwait(false))
        {
            if (session.Batch.Count > 0)
            {
                yield return new NodeNews(session.Node) { Batch = session.Batch };
                if (target.Leave(session.Batch, session.CanaryChannel) is { } left)
                {
                    var (cause, detail) = await NodeSessions.WhyAsync(session).ConfigureAwait(false);
                    if (left != target)
                    {
                        Bear(left, detail, cause);
                        yield return new NodeNews(session.Node) { HasChildren = true };
                    }
                    else
                    {
                        if (_windows.Open(detail, cause, target.Subject) is { } moved)
                        {
                            yield return moved;
                        }

                        throw new PluginException(FailureKind.Transient, detail);
                    }
                }
            }

            if (session.Overflow is { } overflow)
            {
                yield return SeenWindow.Of(overflow, session.Node, target.Subject);
            }

            if (session.ProvenAt > told)
            {
                if (await check.PollAsync().ConfigureAwait(false) is { } cleared)
                {
                    if (_windows.Open(cleared.Message, LossCause.SettingCleared, target.Subject) is { } window)
                    {
                        yield return window;
                    }

                    throw NodeSessions.Passing(cleared);
                }

                if (check.SilentChange is { } silent)
                {
                    yield return SeenWindow.Of(silent, session.Node);
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
            var cause = failure is PrimaryReplacedException ? LossCause.Failover : LossCause.Disconnected;
            if (_windows.Open(failure.Message, cause, target.Subject) is { } window)
            {
                yield return window;
            }

            throw failure.ToPluginException($"Listening at {session.Node}");
        }
    }

    /// <summary>Listens until reading is stopped or it is to leave, on one connection after another.</summary>
    /// <exception cref="PluginException">It failed in a way that only an operator can mend.</exception>
    public async IAsyncEnumerable<NodeNews> KeepListeningAsync([EnumeratorCancellation] CancellationToken stopReading)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopReading);
        _cancel = either.Cancel;
        if (_isLeaving)
        {
            // Reading had failed as a whole before it could end.
            await either.CancelAsync().ConfigureAwait(false);
        }

        for (var pause = FirstPause; !either.IsCancellationRequested;)
        {
            var attempt = ListenAsync([], either.Token).GetAsyncEnumerator(CancellationToken.None);
            await using var closing = attempt.ConfigureAwait(false);
            while (await NextAsync(attempt).ConfigureAwait(false) is { } news)
            {
                pause = HasFailed ? pause : FirstPause;
                yield return news;
                if (news.Failure is not null)
                {
                    await Task.Delay(pause, context.TimeProvider, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                    break;
                }
            }
        }

        // Who comes after it has a window from before here.
        _cancel = null;
        if (_isLeaving && _windows.Close(context.TimeProvider.GetUtcNow(), isProven: false) is { } closed)
        {
            yield return closed;
        }
    }

    // A failure that passes is news, too; null at the end.
    async ValueTask<NodeNews?> NextAsync(IAsyncEnumerator<NodeNews> attempt)
    {
        try
        {
            return await attempt.MoveNextAsync().ConfigureAwait(false) ? attempt.Current : default(NodeNews?);
        }
        catch (PluginException failure) when (failure.Kind == FailureKind.Transient)
        {
            HasFailed = true;
            _log.NodeFails(context.Pipeline, context.Instance, target.Where, failure.Message);
            return new NodeNews(target.Where) { Failure = failure };
        }
    }

    void Bear(ListenTarget other, string detail, LossCause cause) =>
        _children.Enqueue(new NodeListener(plan, other, _windows.Inherit(other.Subject, detail, cause), right, context));
}
