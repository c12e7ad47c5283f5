using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Penstock.Sources.PostgresWal;

/// <summary>Reads the slot's changes in commit order and confirms what the host has settled.</summary>
sealed class PostgresWalSource : IChangeSource, ISnapshotSource
{
    const int StepsOnSocketThread = 64;

    readonly PostgresWalOptions _options;
    readonly Action _reportConnected;
    readonly ILogger _logger;
    readonly ConnectionSettings _settings;
    readonly Preparation _preparation;
    readonly RelationCache _relations;
    readonly Snapshots _snapshots;
    readonly TimeSpan? _statusInterval;
    readonly MessagePrefixes? _messages;
    readonly Heartbeat? _heartbeat;
    SchemaBook? _schemas;
    PublicationMembers? _members;
    volatile SchemaHalt? _halt;
    readonly TimeSpan? _receiveTimeout;
    readonly TimeProvider _time;
    readonly RetainedWalKeeper? _keeper;
    readonly SlotMonitor _monitor;
    volatile ReplicationSession? _session;
    ReplicationSession? _reported;
    ulong _confirmed;
    volatile PluginException? _verdict;
    volatile bool _isDisposed;

    /// <param name="options">The config.</param>
    /// <param name="context">What the host gives.</param>
    /// <param name="statusInterval">For tests; null derives it from the server's settings.</param>
    /// <param name="monitorInterval">For tests; null is what a run has.</param>
    /// <param name="receiveTimeout">For tests; null derives it from the server's settings.</param>
    /// <param name="heartbeatInterval">For tests; null is what a run has.</param>
    public PostgresWalSource(
        PostgresWalOptions options,
        SourceContext context,
        TimeSpan? statusInterval = null,
        TimeSpan? monitorInterval = null,
        TimeSpan? receiveTimeout = null,
        TimeSpan? heartbeatInterval = null)
    {
        _options = options;
        _reportConnected = context.ReportConnected;
        _logger = context.LoggerFactory.CreateLogger<PostgresWalSource>();
        _settings = new ConnectionSettings(options);
        _preparation = new Preparation(options, _settings, context, _logger);
        _relations = new RelationCache(options.Tables.Select(TableName.Parse), new KeyCatalog(_settings));
        _snapshots = new Snapshots(options, _settings, context, _logger);
        _statusInterval = statusInterval;
        if (options.Messages.Count > 0)
        {
            _messages = new MessagePrefixes(options.Messages);
            _heartbeat = new Heartbeat(_settings, heartbeatInterval ?? Heartbeat.DefaultInterval, context.TimeProvider, _logger, options.Slot);
        }

        _receiveTimeout = receiveTimeout;
        _time = context.TimeProvider;
        _keeper = options.MaxRetainedWal is { } limit ? new RetainedWalKeeper(options, limit, _time, _logger) : null;
        _monitor = new SlotMonitor(
            options.Slot, _settings, new SlotMetrics(context), _keeper, new PublicationWatch(options.Publication, options.Tables), _time, _logger, monitorInterval ?? SlotMonitor.Interval, DetachAsync);
    }

    public static SourceTraits Promise { get; } = new()
    {
        Guarantee = DeliveryGuarantee.AtLeastOnce,
        CanReplay = true,
        PositionOrder = PositionOrder.Partition,
        CanSnapshot = true,
        MaxReaders = 8,
        NeverBlocksSockets = true,
        Loss = "Nothing while the slot stands. A slot that was dropped, recreated, advanced or outrun by its WAL limit stops the source: "
            + "the position is lost.",
        Order = "Commit order; within a transaction, the order of its statements.",
    };

    public SourceTraits Traits => Promise;

    public async IAsyncEnumerable<SourceMessage> ReadAsync(
        IReadOnlyList<Watermark> resumeAfter, [EnumeratorCancellation] CancellationToken stopReading)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _schemas ??= SchemaBook.From(resumeAfter);
        _members ??= PublicationMembers.From(resumeAfter);
        if (_keeper is not null)
        {
            await _keeper.DecidedAsync(stopReading).ConfigureAwait(false);
            if (_keeper.Dropped is { } dropped)
            {
                yield return dropped.ToLoss(ResumePoint.From(resumeAfter), _time.GetUtcNow());
                throw dropped.ToFailure(_options.Slot);
            }
        }

        if (await ConnectAsync(ResumePoint.From(resumeAfter), stopReading).ConfigureAwait(false) is not { } session)
        {
            yield break;
        }

        if (session.Loss is { } loss)
        {
            yield return loss;
        }

        var (events, members) = (session.Events, session.Members);
        var snapshots = _snapshots.Open(resumeAfter, events, session.Server, stopReading);
        await using var _ = snapshots.ConfigureAwait(false);
        CancellationToken woken;
        do
        {
            // First: what comes while we look ends the wait at once.
            woken = snapshots.Woken;

            // Before what it waits for is given out.
            _halt = events.Halt;
            while (events.TryTake(out var message) || (_halt is null && snapshots.TryTake(events, session.ReceivedLsn, stopReading, out message)))
            {
                yield return message;
                if (message is Watermark { Tag: SchemaBook told })
                {
                    _schemas = told;
                }
                else if (members is not null && message is Watermark { Position.Partition.Length: 0 } reached)
                {
                    // Not before the stream has proved to be ours, and a loss was told of.
                    yield return members.ToWatermark(reached.Position.Order);
                    (_members, members) = (members, null);
                }
            }

            if (_halt is { } halt)
            {
                await halt.ThrowWhenSettledAsync(stopReading).ConfigureAwait(false);
            }
        }
        while (await NextAsync(session, snapshots.Patience, stopReading, woken).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public async ValueTask RequestSnapshotAsync(IReadOnlyList<string> subjects, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(subjects);
        try
        {
            await _preparation.CheckSnapshotAsync(subjects, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (OperationCanceledException or PluginException))
        {
            // Whatever keeps us from looking now: what was asked for stays asked for.
            throw new PluginException(FailureKind.Transient, Failures.Classify(e, _options).Message, e);
        }

        await _snapshots.Request(subjects).Kept.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public ValueTask AcknowledgeAsync(IReadOnlyList<Watermark> reached, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reached);
        Snapshots.Keep(reached);
        _halt?.Acknowledged(reached);
        if (ResumePoint.LastOf(reached) is not { } last || Lsn.OfState(last) is var lsn && lsn <= Volatile.Read(ref _confirmed))
        {
            return default;
        }

        Volatile.Write(ref _confirmed, lsn);
        return _session?.ConfirmAsync(lsn, _logger, cancellationToken) ?? default;
    }

    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        await CloseSessionAsync().ConfigureAwait(false);
        await _monitor.DisposeAsync().ConfigureAwait(false);
    }

    /// <returns>Null when reading was stopped before the connection stood.</returns>
    async ValueTask<ReplicationSession?> ConnectAsync(ResumePoint resume, CancellationToken stopReading)
    {
        await CloseSessionAsync().ConfigureAwait(false);
        try
        {
            var plan = await _preparation.RunAsync(resume, _members!, stopReading).ConfigureAwait(false);
            plan = plan with
            {
                StatusInterval = _statusInterval ?? plan.StatusInterval,
                ReceiveTimeout = _receiveTimeout ?? plan.ReceiveTimeout,
                Schemas = _schemas!,
                OnSchemaChange = _options.OnSchemaChange,
                Messages = _messages,
                Heartbeat = _heartbeat,
            };
            LogStart(plan);
            var session = await ReplicationSession.OpenAsync(plan, _settings, _relations, stopReading).ConfigureAwait(false);
            _session = session;
            await RepeatConfirmationAsync(session, stopReading).ConfigureAwait(false);
            if (!_isDisposed)
            {
                return session;
            }

            await CloseSessionAsync().ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (stopReading.IsCancellationRequested && e is not PluginException)
        {
            return null;
        }
        catch (Exception e)
        {
            throw Failures.Classify(e, _options);
        }
    }

    // Acknowledged while no connection stood.
    ValueTask RepeatConfirmationAsync(ReplicationSession session, CancellationToken stopReading) =>
        Volatile.Read(ref _confirmed) is > 0 and var lsn ? session.ConfirmAsync(lsn, _logger, stopReading) : default;

    async ValueTask<bool> NextAsync(ReplicationSession session, TimeSpan? patience, CancellationToken stopReading, CancellationToken woken)
    {
        try
        {
            return await NextMessageAsync(session, patience, stopReading, woken).ConfigureAwait(false);
        }
        catch (Exception) when (_isDisposed)
        {
            return false;
        }
        catch (Exception e)
        {
            var failure = _verdict ?? session.Detached ?? Failures.Classify(e, _options, session.Events.EndLsn);
            await CloseAsync(session, failure).ConfigureAwait(false);
            throw failure;
        }
    }

    // Goes on until there is something to give out, which takes several messages of a small transaction.
    async ValueTask<bool> NextMessageAsync(ReplicationSession session, TimeSpan? patience, CancellationToken stopReading, CancellationToken woken)
    {
        if (_verdict is { } verdict)
        {
            throw verdict;
        }

        if (!session.TryEnter())
        {
            return Stopped(session, stopReading);
        }

        try
        {
            for (var steps = 1; ; steps++)
            {
                switch (await session.NextAsync(stopReading, woken, patience).ConfigureAwait(false))
                {
                    case SessionStep.Stopped:
                        return Stopped(session, stopReading);
                    case SessionStep.Interrupted:
                        return true;
                    case SessionStep.Ended:
                        throw new PluginException(FailureKind.Transient, "PostgreSQL ended the stream; the server is stopping.");
                }

                ReportConnected(session);
                if (session.Events.HasMessages)
                {
                    return true;
                }

                if (steps % StepsOnSocketThread == 0 && !Thread.CurrentThread.IsThreadPoolThread)
                {
                    // A long transaction of tables that are not ours: other connections wait for this thread.
                    await Task.Yield();
                }
            }
        }
        finally
        {
            session.Leave();
        }
    }

    // By the host, or because the connection was taken from the reader.
    static bool Stopped(ReplicationSession session, CancellationToken stopReading) =>
        !stopReading.IsCancellationRequested && session.Detached is { } why ? throw why : false;

    // The reader may be waiting, or the host not be taking what was read: the connection is closed under it.
    async ValueTask DetachAsync(PluginException why)
    {
        if (why.Kind == FailureKind.Permanent)
        {
            // Also for a connection to come, or one that is failing for another reason just now.
            _verdict = why;
        }

        if (_session is { } session)
        {
            session.Detach(why);
            await CloseAsync(session, why).ConfigureAwait(false);
        }
    }

    async ValueTask CloseAsync(ReplicationSession session, PluginException why)
    {
        if (Interlocked.CompareExchange(ref _session, null, session) == session)
        {
            Log.Disconnected(_logger, _options.Slot, Lsn.Format(session.ReceivedLsn), why.Message);
            await session.DisposeAsync().ConfigureAwait(false);
        }
    }

    // Not before the server has answered: a slot that another host reads refuses only the first read, after a login that went well.
    void ReportConnected(ReplicationSession session)
    {
        if (_reported != session)
        {
            _reported = session;
            _reportConnected();
            _monitor.Watch(session.Server);
        }
    }

    async ValueTask CloseSessionAsync()
    {
        if (Interlocked.Exchange(ref _session, null) is { } session)
        {
            await session.DisposeAsync().ConfigureAwait(false);
        }
    }

    void LogStart(SessionPlan plan)
    {
        if (plan.Resume.IsKnown)
        {
            Log.Resuming(_logger, plan.Slot, new SourcePosition("", plan.Resume.Order), Lsn.Format(plan.Resume.EndLsn));
        }
        else
        {
            Log.ResumingFromSlot(_logger, plan.Slot, Lsn.Format(plan.ConfirmedLsn));
        }
    }
}
