using System.Text;
using Microsoft.Extensions.Logging;
using Penstock.Redis;

namespace Penstock.Sinks.RedisStreams.Atomic;

/// <summary>
/// Adds a batch and the lane's positions in one script, so that a batch that is sent again adds only what is not there: nothing comes twice,
/// whoever was killed or cut off in between.
/// </summary>
sealed class AtomicStreamsSink : ISink, IResumableSink
{
    // A slot that moves once more for each hop is none that anybody has seen; the last one may need the script's text.
    const int MaxHops = 5;

    readonly RedisServers _servers;
    readonly string _positionKey;
    readonly byte[] _positionKeyBytes;
    readonly AppendCall _call;
    readonly LanePositions _positions = new();
    readonly ReplicaWait? _replicas;
    readonly RespValue[] _replies = new RespValue[2];
    RedisConnection? _connection;
    ServerSettings _settings;

    public AtomicStreamsSink(RedisStreamsOptions options, SinkContext context)
    {
        var template = StreamTemplate.Parse(options.Stream, "stream");
        _servers = new RedisServers(options.Connection, context);
        _positionKey = PositionKey.Of(options, template, context.Pipeline, context.Instance, context.Lane);
        _positionKeyBytes = Encoding.UTF8.GetBytes(_positionKey);
        _call = new AppendCall(options, template, _positionKey, context.TimeProvider);
        _replicas = ReplicaWait.Of(options, context.LoggerFactory.CreateLogger<AtomicStreamsSink>());
    }

    public SinkTraits Traits { get; private set; } = RedisStreamsPlugin.TraitsWith(Durability.Unknown, storesPositions: true);

    public async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        await CloseAsync().ConfigureAwait(false);
        try
        {
            _connection = await _servers.ConnectAsync(_positionKeyBytes, cancellationToken).ConfigureAwait(false);
            _settings = await ServerSettings.ReadAsync(_connection, cancellationToken).ConfigureAwait(false);
            Traits = RedisStreamsPlugin.TraitsWith(_settings.Durability, storesPositions: true);
        }
        catch (RedisClientException e)
        {
            await CloseAsync().ConfigureAwait(false);
            throw e.ToPluginException("Connecting to Redis");
        }
    }

    public async ValueTask<IReadOnlyList<StoredPosition>> ReadPositionsAsync(CancellationToken cancellationToken)
    {
        try
        {
            var hash = await _connection!.ExecuteAsync(["HGETALL", _positionKey], cancellationToken).ConfigureAwait(false);
            _positions.Take(hash, _positionKey);
            return _positions.Stored;
        }
        catch (RedisClientException e)
        {
            await CloseAsync().ConfigureAwait(false);
            throw e.ToPluginException($"Reading the positions in \"{_positionKey}\"");
        }
    }

    public async ValueTask WriteAsync(IReadOnlyList<ChangeEvent> batch, CancellationToken cancellationToken)
    {
        if (_connection is not { IsOpen: true })
        {
            await OpenAsync(cancellationToken).ConfigureAwait(false);
        }

        try
        {
            await AppendAsync(batch, cancellationToken).ConfigureAwait(false);
        }
        catch (RedisClientException e)
        {
            if (e.NeedsOtherServer)
            {
                // The next attempt finds it.
                await CloseAsync().ConfigureAwait(false);
            }

            throw e.ToPluginException("Writing to Redis");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        _call.Dispose();
    }

    async ValueTask AppendAsync(IReadOnlyList<ChangeEvent> batch, CancellationToken cancellationToken)
    {
        RedisConnection? importing = null;
        try
        {
            var (count, withText) = (batch.Count, false);
            for (var hop = 1; ; hop++)
            {
                var connection = importing ?? _connection!;
                var tooLarge = _call.Encode(batch, count, _positions, withText, asking: importing is not null, _settings.MaxEntryLength);
                if (tooLarge >= 0)
                {
                    count = tooLarge;
                    hop--;
                    continue;
                }

                var reply = await CallAsync(connection, cancellationToken).ConfigureAwait(false);
                if (!reply.IsError)
                {
                    await TakeAsync(connection, reply, batch, count, cancellationToken).ConfigureAwait(false);
                    return;
                }

                var refusal = RedisException.From(reply);
                if (hop == MaxHops || (refusal.Code != "NOSCRIPT" && refusal.Redirect(connection.Endpoint) is null))
                {
                    throw refusal;
                }

                withText = refusal.Code == "NOSCRIPT";
                if (refusal.Redirect(connection.Endpoint) is { } redirect)
                {
                    importing = await FollowAsync(redirect, importing, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            Array.Clear(_replies);
            if (importing is not null)
            {
                await importing.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    // One that asks for every call anew is not kept: the slot moves, and then this connection is of no use or the right one.
    async ValueTask<RedisConnection?> FollowAsync(Redirect redirect, RedisConnection? importing, CancellationToken cancellationToken)
    {
        if (importing is not null)
        {
            await importing.DisposeAsync().ConfigureAwait(false);
        }

        if (redirect.IsAsk)
        {
            return await _servers.ConnectToAsync(redirect.Target, cancellationToken).ConfigureAwait(false);
        }

        await OpenAsync(cancellationToken).ConfigureAwait(false);
        return null;
    }

    async ValueTask<RespValue> CallAsync(RedisConnection connection, CancellationToken cancellationToken)
    {
        await connection.ExecuteOverEarlierAsync(_call.Commands, _replies, cancellationToken).ConfigureAwait(false);
        return _replies[_call.Commands.Count - 1];
    }

    async ValueTask TakeAsync(
        RedisConnection connection, RespValue reply, IReadOnlyList<ChangeEvent> batch, int count, CancellationToken cancellationToken)
    {
        var (done, error, endpoint) = ((int)reply[0].AsInt64(), (RedisException?)null, connection.Endpoint);
        if (done < 0)
        {
            throw Rewound(reply, endpoint);
        }

        if (done < count)
        {
            error = RedisException.From(reply[1].Span);
        }

        // What replicas may lack is not known to be stored: a failover that loses it has lost nothing that was confirmed.
        if (_replicas is { } replicas)
        {
            await replicas.WaitAsync(connection, cancellationToken).ConfigureAwait(false);
        }

        _positions.Reach(batch, done);
        if (error is not null)
        {
            throw TransactionReply.IsPoison(error) ? PluginException.Poison(done, $"{endpoint} refused the event: {error.Message}") : error;
        }

        if (count < batch.Count)
        {
            throw PluginException.Poison(
                count, $"The event exceeds the {new ByteSize(_settings.MaxEntryLength)} that {endpoint} accepts (proto-max-bulk-len).");
        }
    }

    PluginException Rewound(RespValue reply, string endpoint) => new(
        FailureKind.PositionLost,
        $"{endpoint} has lost what it had confirmed (SinkRewound): \"{_positionKey}\" of \"{reply[1].AsText()}\" is {Shown(reply[2])} and was {Shown(reply[3])}, as after a "
        + "failover, a restart without persistence, or an eviction. Nothing was added behind the gap. Start again: what is lacking is read again where the source still has it; where the position is gone, the start says what to decide.");

    static string Shown(RespValue position) => position.Bytes.IsEmpty ? "gone" : position.AsText();

    async ValueTask CloseAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}
