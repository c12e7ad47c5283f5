using Penstock.Redis;

namespace Penstock.Sinks.RedisStreams;

/// <summary>Adds a batch in one write and waits for all the replies. One connection per lane.</summary>
sealed class RedisStreamsSink(RedisStreamsOptions options, SinkContext context) : ISink
{
    readonly string _clientName = $"penstock:{context.Pipeline}/{context.Instance}";
    readonly EntryEncoder _entries = new(StreamTemplate.Parse(options.Stream, "stream"), options.MaxLength);
    RedisConnection? _connection;
    RespValue[] _replies = [];
    long _maxEntryLength;

    public SinkTraits Traits { get; private set; } = TraitsWith(Durability.Unknown);

    public static SinkTraits TraitsWith(Durability durability) => new() { Durability = durability };

    public async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        await CloseAsync().ConfigureAwait(false);
        try
        {
            _connection = await RedisConnection.ConnectAsync(
                options.Connection, _clientName, context.TimeProvider, cancellationToken).ConfigureAwait(false);
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
        _entries.Commands.Clear();
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
        if (_replies.Length < count)
        {
            _replies = new RespValue[count];
        }

        var connection = _connection!;
        try
        {
            await connection.ExecuteAsync(_entries.Commands, _replies, cancellationToken).ConfigureAwait(false);
            ThrowFirstError(connection, count);
        }
        catch (RedisClientException e)
        {
            throw e.ToPluginException($"Writing to Redis at {connection.Endpoint}");
        }
        finally
        {
            Array.Clear(_replies, 0, count);
        }
    }

    // What was added behind the failure is added again with the same ids when the host repeats the batch.
    void ThrowFirstError(RedisConnection connection, int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (!_replies[i].IsError)
            {
                continue;
            }

            var error = RedisException.From(_replies[i]);
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
