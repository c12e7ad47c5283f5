using Microsoft.Extensions.Logging;
using Penstock.Redis;

namespace Penstock.Sinks.RedisStreams;

/// <summary>Adds a batch in one write, as one transaction, and waits for all the replies. One connection per lane.</summary>
/// <remarks>
/// Without the transaction a server that is short of memory for a moment could refuse an entry and accept the next one of the same key.
/// </remarks>
sealed class RedisStreamsSink(RedisStreamsOptions options, SinkContext context) : ISink
{
    readonly RedisServers _servers = new(options.Connection, context);
    readonly EntryEncoder _entries = new(options, context.TimeProvider);
    readonly ReplicaWait? _replicas = options.WaitReplicas == 0
        ? null
        : new ReplicaWait(options.WaitReplicas, options.WaitTimeout, context.LoggerFactory.CreateLogger<RedisStreamsSink>());

    RedisConnection? _connection;
    RespValue[] _replies = [];
    long _maxEntryLength;

    public SinkTraits Traits { get; private set; } = TraitsWith(Durability.Unknown);

    public static SinkTraits TraitsWith(Durability durability) => new() { Durability = durability, NeverBlocksSockets = true };

    public async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        await CloseAsync().ConfigureAwait(false);
        try
        {
            _connection = await _servers.ConnectAsync(cancellationToken).ConfigureAwait(false);
            var settings = await ServerSettings.ReadAsync(_connection, cancellationToken).ConfigureAwait(false);
            Traits = TraitsWith(settings.Durability);
            _maxEntryLength = settings.MaxEntryLength;
        }
        catch (RedisClientException e)
        {
            await CloseAsync().ConfigureAwait(false);
            throw e.ToPluginException("Connecting to Redis");
        }
    }

    public async ValueTask WriteAsync(IReadOnlyList<ChangeEvent> batch, CancellationToken cancellationToken)
    {
        if (_connection is not { IsOpen: true })
        {
            await OpenAsync(cancellationToken).ConfigureAwait(false);
        }

        var accepted = Encode(batch);
        if (accepted > 0)
        {
            await SendAsync(accepted, cancellationToken).ConfigureAwait(false);
        }

        if (accepted < batch.Count)
        {
            throw PluginException.Poison(
                accepted, $"The event exceeds the {new ByteSize(_maxEntryLength)} that {_connection!.Endpoint} accepts (proto-max-bulk-len).");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        _entries.Dispose();
    }

    // A larger entry would make the server close the connection, again at every retry.
    int Encode(IReadOnlyList<ChangeEvent> batch)
    {
        _entries.BeginTransaction();
        for (var i = 0; i < batch.Count; i++)
        {
            if (_entries.Add(batch[i]) > _maxEntryLength)
            {
                _entries.Commands.RemoveLast();
                return i;
            }
        }

        return batch.Count;
    }

    async ValueTask SendAsync(int count, CancellationToken cancellationToken)
    {
        _entries.EndTransaction();
        var commands = _entries.Commands.Count;
        if (_replies.Length < commands)
        {
            _replies = new RespValue[commands];
        }

        var connection = _connection!;
        try
        {
            await connection.ExecuteOverEarlierAsync(_entries.Commands, _replies, cancellationToken).ConfigureAwait(false);
            try
            {
                ThrowFirstError(connection, _replies.AsSpan(0, commands), count);
            }
            catch (PluginException)
            {
                // One is poison; those before it count as delivered.
                await ReplicateAsync(connection, cancellationToken).ConfigureAwait(false);
                throw;
            }

            await ReplicateAsync(connection, cancellationToken).ConfigureAwait(false);
        }
        catch (RedisClientException e)
        {
            if (e.NeedsOtherServer)
            {
                // The next attempt finds the primary.
                await CloseAsync().ConfigureAwait(false);
            }

            throw e.ToPluginException($"Writing to Redis at {connection.Endpoint}");
        }
        finally
        {
            Array.Clear(_replies, 0, commands);
        }
    }

    ValueTask ReplicateAsync(RedisConnection connection, CancellationToken cancellationToken) =>
        _replicas is { } replicas ? replicas.WaitAsync(connection, cancellationToken) : default;

    static void ThrowFirstError(RedisConnection connection, ReadOnlySpan<RespValue> replies, int count)
    {
        // Refused before EXEC, or at it: nothing was added.
        foreach (var reply in replies)
        {
            reply.OrThrow();
        }

        // Refused while the transaction ran: the others were added, and are added again with the same ids when the host repeats the batch.
        var added = replies[^1];
        if (added.Count != count)
        {
            throw new RedisProtocolException($"Expected {count} replies to EXEC, found {added.Count}.");
        }

        for (var i = 0; i < count; i++)
        {
            if (!added[i].IsError)
            {
                continue;
            }

            var error = RedisException.From(added[i]);
            throw error.Message.StartsWith("ERR Elements are too large", StringComparison.Ordinal)
                ? PluginException.Poison(i, $"{connection.Endpoint} refused the event: {error.Message}")
                : error;
        }
    }

    async ValueTask CloseAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}
