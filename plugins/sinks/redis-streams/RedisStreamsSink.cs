using Microsoft.Extensions.Logging;
using Penstock.Redis;

namespace Penstock.Sinks.RedisStreams;

/// <summary>Adds a batch to one server, in one write and as one transaction, and waits for all the replies. One connection per lane.</summary>
/// <remarks>
/// Without the transaction a server that is short of memory for a moment could refuse an entry and accept the next one of the same key.
/// </remarks>
sealed class RedisStreamsSink(RedisStreamsOptions options, SinkContext context) : ISink
{
    readonly RedisServers _servers = new(options.Connection, context);
    readonly EntryEncoder _entries = new(options, context.TimeProvider);
    readonly ReplicaWait? _replicas = ReplicaWait.Of(options, context.LoggerFactory.CreateLogger<RedisStreamsSink>());

    RedisConnection? _connection;
    RespValue[] _replies = [];
    long _maxEntryLength;

    public SinkTraits Traits { get; private set; } = RedisStreamsPlugin.TraitsWith(Durability.Unknown);

    public async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        await CloseAsync().ConfigureAwait(false);
        try
        {
            _connection = await _servers.ConnectAsync(cancellationToken).ConfigureAwait(false);
            var settings = await ServerSettings.ReadAsync(_connection, cancellationToken).ConfigureAwait(false);
            Traits = RedisStreamsPlugin.TraitsWith(settings.Durability);
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
        _entries.Clear();
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
                new TransactionReply(_replies.AsMemory(0, commands)).ThrowUnlessAdded(count, connection.Endpoint);
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

    async ValueTask CloseAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}
