using System.Globalization;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Npgsql;
using Npgsql.Replication;
using Npgsql.Replication.Internal;
using Npgsql.Replication.PgOutput;
using NpgsqlTypes;

namespace Penstock.Sources.PostgresWal;

/// <summary>One replication connection and its stream.</summary>
/// <remarks>
/// Npgsql refuses status updates once its enumerator is cancelled. So a read that waits is never cancelled when reading stops: it is
/// left alone, and the connection keeps confirming until it is disposed.
/// </remarks>
sealed class ReplicationSession : IAsyncDisposable
{
    static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(4);

    static readonly TimeSpan CancelTimeout = TimeSpan.FromMilliseconds(250);

    readonly SessionPlan _plan;
    readonly ConnectionSettings _settings;
    readonly LogicalReplicationConnection _connection;
    readonly MessageDecoder _decoder;
    readonly CancellationTokenSource _end = new();
    readonly MessageStream _messages;
    Task<bool>? _pending;
    ulong _quietFrom;
    long _quietSince;
    readonly ReadTurn _turn = new();
    volatile PluginException? _detached;

    ReplicationSession(
        SessionPlan plan, ConnectionSettings settings, LogicalReplicationConnection connection, RelationCache relations)
    {
        _plan = plan;
        _settings = settings;
        _connection = connection;
        Events = new EventAssembler(plan.Resume, plan.Server, plan.Schemas, plan.OnSchemaChange);
        _decoder = new MessageDecoder(relations, Events, plan.Messages);
        plan.Heartbeat?.Begin();
        if (!plan.Resume.IsKnown)
        {
            Events.StartAt(plan.ConfirmedLsn);
        }

        var location = plan.Resume.EndLsn == 0 ? null : (NpgsqlLogSequenceNumber?)new NpgsqlLogSequenceNumber(plan.Resume.EndLsn);
        var messages = connection
            .StartLogicalReplication(new PgOutputReplicationSlot(plan.Slot), _end.Token, location, Options(plan))
            .GetAsyncEnumerator(_end.Token);
        _messages = new MessageStream(messages, plan.ReceiveTimeout, plan.TimeProvider, _end.Token);
    }

    /// <summary>What was decoded.</summary>
    public EventAssembler Events { get; }

    /// <summary>What was given up before the session began; null for nothing.</summary>
    public LossWindow? Loss => _plan.Loss;

    /// <inheritdoc cref="SessionPlan.Members"/>
    public PublicationMembers? Members => _plan.Members;

    /// <summary>Everything the server sent lies before this.</summary>
    public ulong ReceivedLsn => (ulong)_connection.LastReceivedLsn;

    /// <summary>Whose WAL it is.</summary>
    public ServerIdentity Server => _plan.Server;

    /// <summary>Where the slot stood when the session began.</summary>
    public ulong StartedAtLsn => _plan.ConfirmedLsn;

    public static async ValueTask<ReplicationSession> OpenAsync(
        SessionPlan plan, ConnectionSettings settings, RelationCache relations, CancellationToken cancellationToken)
    {
        var connection = new LogicalReplicationConnection(settings.Replication(plan.ClientEncoding))
        {
            WalReceiverStatusInterval = plan.StatusInterval,
            WalReceiverTimeout = plan.ReceiveTimeout,
        };
        try
        {
            await connection.Open(cancellationToken).ConfigureAwait(false);
            await ThrowIfElsewhereAsync(connection, plan.Server, cancellationToken).ConfigureAwait(false);
            return new ReplicationSession(plan, settings, connection, relations);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Decodes the next message. Costs no allocation and no task while the server's data is already here.</summary>
    /// <param name="stopReading">Ends the reading.</param>
    /// <param name="woken">Ends the wait for a message; a token that is cancelled with <paramref name="stopReading"/>, too.</param>
    /// <param name="patience">How long to wait at most; null for as long as it takes.</param>
    public ValueTask<SessionStep> NextAsync(CancellationToken stopReading, CancellationToken woken, TimeSpan? patience = null)
    {
        if (stopReading.IsCancellationRequested || _turn.IsWanted)
        {
            return new(SessionStep.Stopped);
        }

        if (_pending is null)
        {
            var next = _messages.MoveNextAsync();
            if (next.IsCompletedSuccessfully)
            {
                return DecodeAsync(next.Result);
            }

            _pending = next.AsTask();
            BeginQuiet();
        }

        return WaitAsync(_pending, patience, stopReading, woken);
    }

    /// <inheritdoc cref="NextAsync(CancellationToken, CancellationToken, TimeSpan?)"/>
    public ValueTask<SessionStep> NextAsync(CancellationToken stopReading) => NextAsync(stopReading, stopReading);

    /// <summary>Why the connection is to be closed; null while it may go on.</summary>
    public PluginException? Detached => _detached;

    /// <summary>Asks whoever reads to close the connection.</summary>
    public void Detach(PluginException why) => _detached = why;

    /// <summary>Before <see cref="NextAsync(CancellationToken, CancellationToken, TimeSpan?)"/>, and again before each series of them; false once it is being closed.</summary>
    public bool TryEnter() => _turn.TryTake();

    public void Leave() => _turn.Leave();

    /// <summary>Tells the server that everything before this LSN is settled durably.</summary>
    public async ValueTask ConfirmAsync(ulong lsn, ILogger logger, CancellationToken cancellationToken)
    {
        _connection.SetReplicationStatus(new NpgsqlLogSequenceNumber(lsn));
        try
        {
            await _connection.SendStatusUpdate(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Not started yet, or already broken; what a reconnect starts with says the same again.
            Log.ConfirmDeferred(logger, _plan.Slot, Lsn.Format(lsn), e.Message);
        }
    }

    /// <summary>Closes the connection, once its reader waits or has left; returns in time even when the network no longer answers.</summary>
    public async ValueTask DisposeAsync() =>
        await CloseAsync().WaitAsync(CloseTimeout, _plan.TimeProvider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    async Task CloseAsync()
    {
        await _turn.CloseAsync().ConfigureAwait(false);
        if (_pending is { } pending)
        {
            await CancelReadAsync(pending).ConfigureAwait(false);
        }

        // What still reads is cancelled by Npgsql itself.
        await _end.CancelAsync().ConfigureAwait(false);
        await ((Task?)_pending ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await _messages.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            await _connection.DisposeAsync().ConfigureAwait(false);
            _end.Dispose();
        }
    }

    // Behind one address, or after a failover in between, two connections may reach two servers: what was checked at the one says nothing of the other.
    static async ValueTask ThrowIfElsewhereAsync(LogicalReplicationConnection connection, ServerIdentity expected, CancellationToken cancellationToken)
    {
        if (!expected.IsKnown)
        {
            return;
        }

        var found = await connection.IdentifySystem(cancellationToken).ConfigureAwait(false);
        if (found.SystemId != expected.SystemId.ToString(CultureInfo.InvariantCulture) || (expected.Timeline > 0 && found.Timeline != expected.Timeline))
        {
            throw new PluginException(
                FailureKind.Transient,
                $"Checked the server with system identifier {expected.SystemId} on timeline {expected.Timeline}, and was connected for replication to {found.SystemId} on "
                + $"timeline {found.Timeline}: a failover, or an address that leads to several servers. Name the primary in \"connectionString\" if this stays.");
        }
    }

    // Npgsql asks the server to cancel through a connection that blocks, and lets the thread to which the answer comes wait for that. When
    // that thread watches both sockets, neither goes on. So we ask in its place, without blocking.
    async Task CancelReadAsync(Task<bool> pending)
    {
        using var limit = new CancellationTokenSource(CancelTimeout, _plan.TimeProvider);
        try
        {
            var catalog = await _settings.OpenCatalogAsync(limit.Token).ConfigureAwait(false);
            await using var _ = catalog.ConfigureAwait(false);
            var command = new NpgsqlCommand("SELECT pg_catalog.pg_cancel_backend($1)", catalog) { Parameters = { new() { Value = _connection.ProcessID } } };
            await using var __ = command.ConfigureAwait(false);
            await command.ExecuteNonQueryAsync(limit.Token).ConfigureAwait(false);
            await ((Task)pending).WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException or SocketException or IOException or TimeoutException)
        {
            // A server that takes no more connections, or none at all.
        }
    }

    // A keepalive's LSN passes no undelivered commit, but it counts from the header of a message that is still arriving.
    // So what was received at one tick is given out at the next, when nothing has come between.
    // Not where logical messages are read: one without a transaction has a place before the end of its own bytes.
    SessionStep BeQuiet()
    {
        if (_plan.Heartbeat is { } heartbeat)
        {
            Events.Start();
            BeginQuiet();
            heartbeat.Quiet(_end.Token);
            return SessionStep.Quiet;
        }

        Events.Idle(_quietFrom);
        BeginQuiet();
        return SessionStep.Quiet;
    }

    void BeginQuiet()
    {
        _quietFrom = ReceivedLsn;
        _quietSince = _plan.TimeProvider.GetTimestamp();
    }

    async ValueTask<SessionStep> WaitAsync(Task<bool> pending, TimeSpan? patience, CancellationToken stopReading, CancellationToken woken)
    {
        var rest = Left();
        var wait = patience < rest ? patience.Value : rest;
        _turn.Leave();
        await ((Task)pending).WaitAsync(wait, _plan.TimeProvider, woken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_turn.TryTake())
        {
            return SessionStep.Stopped;
        }

        if (!pending.IsCompleted)
        {
            return stopReading.IsCancellationRequested ? SessionStep.Stopped : Left() > TimeSpan.Zero ? SessionStep.Interrupted : BeQuiet();
        }

        _pending = null;
        return await DecodeAsync(await pending.ConfigureAwait(false)).ConfigureAwait(false);
    }

    TimeSpan Left() =>
        _plan.StatusInterval - _plan.TimeProvider.GetElapsedTime(_quietSince) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    // Never beside BeQuiet: only the wait for a message is left pending, its decoding belongs to the reader.
    ValueTask<SessionStep> DecodeAsync(bool hasMessage)
    {
        if (!hasMessage)
        {
            return new(SessionStep.Ended);
        }

        var decoding = _decoder.DecodeAsync(_messages.Current, _messages.CurrentLsn);
        return decoding.IsCompletedSuccessfully ? new(SessionStep.Decoded) : AwaitAsync(decoding);
    }

    static async ValueTask<SessionStep> AwaitAsync(ValueTask decoding)
    {
        await decoding.ConfigureAwait(false);
        return SessionStep.Decoded;
    }

    // Npgsql sets each value between quotes as it is.
    static KeyValuePair<string, string?>[] Options(SessionPlan plan) =>
    [
        new("proto_version", "1"),
        new("publication_names", Sql.EscapeLiteral(Sql.Quote(plan.Publication))),
        .. plan.Messages is null ? (ReadOnlySpan<KeyValuePair<string, string?>>)[] : [new("messages", "true")],
    ];
}
