using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Penstock.Sources.PostgresWal;

/// <summary>Reads the slot's changes in commit order and confirms what the host has settled.</summary>
sealed class PostgresWalSource : IChangeSource
{
    const int StepsOnSocketThread = 64;

    readonly PostgresWalOptions _options;
    readonly Action _reportConnected;
    readonly ILogger _logger;
    readonly ConnectionSettings _settings;
    readonly Preparation _preparation;
    readonly RelationCache _relations;
    readonly TimeSpan? _statusInterval;
    readonly MessagePrefixes? _messages;
    readonly Heartbeat? _heartbeat;
    SchemaBook? _schemas;
    volatile ReplicationSession? _session;
    ReplicationSession? _reported;
    ulong _confirmed;
    volatile bool _isDisposed;

    /// <param name="options">The config.</param>
    /// <param name="context">What the host gives.</param>
    /// <param name="statusInterval">For tests; null derives it from the server's settings.</param>
    /// <param name="heartbeatInterval">For tests.</param>
    public PostgresWalSource(PostgresWalOptions options, SourceContext context, TimeSpan? statusInterval = null, TimeSpan? heartbeatInterval = null)
    {
        _options = options;
        _reportConnected = context.ReportConnected;
        _logger = context.LoggerFactory.CreateLogger<PostgresWalSource>();
        _settings = new ConnectionSettings(options);
        _preparation = new Preparation(options, _settings, context, _logger);
        _relations = new RelationCache(options.Tables.Select(TableName.Parse), new KeyCatalog(_settings));
        _statusInterval = statusInterval;
        if (options.Messages.Count > 0)
        {
            _messages = new MessagePrefixes(options.Messages);
            _heartbeat = new Heartbeat(_settings, heartbeatInterval ?? Heartbeat.DefaultInterval, context.TimeProvider, _logger, options.Slot);
        }

        context.Meter.CreateObservableGauge(
            "penstock_source_retained_bytes",
            () => new Measurement<long>(RetainedBytes, new("pipeline", context.Pipeline), new("source", context.Instance)),
            "By",
            "WAL from what is confirmed to what the server last reported; the slot keeps at least that.");
    }

    public static SourceTraits Promise { get; } = new()
    {
        Guarantee = DeliveryGuarantee.AtLeastOnce,
        CanReplay = true,
        PositionOrder = PositionOrder.Partition,
        NeverBlocksSockets = true,
        Loss = "Nothing while the slot stands. A slot that was dropped, recreated, advanced or outrun by its WAL limit stops the source: "
            + "the position is lost.",
        Order = "Commit order; within a transaction, the order of its statements.",
    };

    public SourceTraits Traits => Promise;

    long RetainedBytes => _session is { } session
        ? (long)(session.ReceivedLsn - Math.Min(session.ReceivedLsn, Math.Max(Volatile.Read(ref _confirmed), session.StartedAtLsn)))
        : 0;

    public async IAsyncEnumerable<SourceMessage> ReadAsync(
        IReadOnlyList<Watermark> resumeAfter, [EnumeratorCancellation] CancellationToken stopReading)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _schemas ??= SchemaBook.From(resumeAfter);
        if (await ConnectAsync(ResumePoint.From(resumeAfter), stopReading).ConfigureAwait(false) is not { } session)
        {
            yield break;
        }

        if (session.Loss is { } loss)
        {
            yield return loss;
        }

        var events = session.Events;

        do
        {
            while (events.TryTake(out var message))
            {
                yield return message;
                if (message is Watermark { Tag: SchemaBook told })
                {
                    _schemas = told;
                }
            }

            if (events.Halt is { } halt)
            {
                await halt.ThrowWhenSettledAsync(stopReading).ConfigureAwait(false);
            }
        }
        while (await NextAsync(session, events, stopReading).ConfigureAwait(false));
    }

    public ValueTask AcknowledgeAsync(IReadOnlyList<Watermark> reached, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reached);
        _session?.Events.Halt?.Acknowledged(reached);
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
    }

    /// <returns>Null when reading was stopped before the connection stood.</returns>
    async ValueTask<ReplicationSession?> ConnectAsync(ResumePoint resume, CancellationToken stopReading)
    {
        await CloseSessionAsync().ConfigureAwait(false);
        try
        {
            var plan = await _preparation.RunAsync(resume, stopReading).ConfigureAwait(false);
            plan = plan with
            {
                StatusInterval = _statusInterval ?? plan.StatusInterval,
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

    // Goes on until there is something to give out, which takes several messages of a small transaction.
    async ValueTask<bool> NextAsync(ReplicationSession session, EventAssembler events, CancellationToken stopReading)
    {
        try
        {
            for (var steps = 1; ; steps++)
            {
                switch (await session.NextAsync(stopReading).ConfigureAwait(false))
                {
                    case SessionStep.Stopped:
                        return false;
                    case SessionStep.Ended:
                        throw new PluginException(FailureKind.Transient, "PostgreSQL ended the stream; the server is stopping.");
                }

                ReportConnected(session);
                if (events.HasMessages)
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
        catch (Exception) when (_isDisposed)
        {
            return false;
        }
        catch (Exception e)
        {
            var failure = Failures.Classify(e, _options);
            Log.Disconnected(_logger, _options.Slot, Lsn.Format(session.ReceivedLsn), failure.Message);
            await CloseSessionAsync().ConfigureAwait(false);
            throw failure;
        }
    }

    // Not before the server has answered: a slot that another host reads refuses only the first read, after a login that went well.
    void ReportConnected(ReplicationSession session)
    {
        if (_reported != session)
        {
            _reported = session;
            _reportConnected();
        }
    }

    async ValueTask CloseSessionAsync()
    {
        if (_session is { } session)
        {
            _session = null;
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
