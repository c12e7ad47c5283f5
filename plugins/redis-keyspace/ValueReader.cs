using Microsoft.Extensions.Logging;
using Penstock.Redis;

namespace Penstock.Sources.RedisKeyspace;

/// <summary>Reads what keys hold, many at once, on a connection of its own. Best effort: it never throws.</summary>
sealed class ValueReader(Func<string, CancellationToken, ValueTask<RedisConnection>> connect, long maxBytes, SourceContext context) : IAsyncDisposable
{
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    readonly ILogger _log = context.LoggerFactory.CreateLogger<ValueReader>();
    readonly CommandBuffer _commands = new();
    RedisConnection? _connection;
    long _failedAt;
    bool _hasFailed;
    bool _hasRefused;

    /// <summary>When values were read last, as the clock's timestamp.</summary>
    public long UsedAt { get; private set; }

    /// <summary>Reads the values of these keys, each of which stands here once.</summary>
    /// <param name="keys">Whose.</param>
    /// <param name="node">The server that has them.</param>
    /// <param name="values">Takes one for each key.</param>
    public async ValueTask ReadAsync(List<byte[]> keys, string node, IDictionary<byte[], ObservedValue> values)
    {
        UsedAt = context.TimeProvider.GetTimestamp();
        foreach (var key in keys)
        {
            values[key] = ObservedValue.Without(ObservedValue.Failed);
        }

        if (_hasFailed && context.TimeProvider.GetElapsedTime(_failedAt) < Pause)
        {
            return;
        }

        try
        {
            _connection ??= await connect(node, CancellationToken.None).ConfigureAwait(false);
            var refusal = await ReadAsync(_connection, keys, values).ConfigureAwait(false);
            _hasFailed = false;
            if (refusal is not null && !_hasRefused)
            {
                _log.CannotReadValues(node, refusal.Message);
            }

            _hasRefused = refusal is not null;
        }
        catch (RedisClientException failure)
        {
            if (!_hasFailed)
            {
                _log.CannotReadValues(node, failure.Message);
            }

            _hasFailed = true;
            _failedAt = context.TimeProvider.GetTimestamp();
            await DisposeAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    // Returns why some keys have no values; null when none was refused.
    async ValueTask<RedisException?> ReadAsync(RedisConnection connection, List<byte[]> keys, IDictionary<byte[], ObservedValue> values)
    {
        _commands.Clear();
        foreach (var key in keys)
        {
            ValueCommand.Add(_commands, "TYPE"u8, key);
            _commands.Begin(3);
            _commands.Add("MEMORY"u8);
            _commands.Add("USAGE"u8);
            _commands.Add(key);
        }

        var types = new RespValue[_commands.Count];
        var at = context.TimeProvider.GetUtcNow();
        await connection.ExecuteAsync(_commands, types, CancellationToken.None).ConfigureAwait(false);
        RedisException? refusal = null;
        var asked = Ask(keys, types, at, values, ref refusal);
        if (asked.Count == 0)
        {
            return refusal;
        }

        var replies = new RespValue[asked.Count];
        at = context.TimeProvider.GetUtcNow();
        await connection.ExecuteAsync(_commands, replies, CancellationToken.None).ConfigureAwait(false);
        for (var i = 0; i < replies.Length; i++)
        {
            values[asked[i].Key] = Of(replies[i], asked[i].Type, at, ref refusal);
        }

        return refusal;
    }

    // The commands for the keys whose values are wanted; what is known without them goes to the values.
    List<(byte[] Key, ReadOnlyMemory<byte> Type)> Ask(
        List<byte[]> keys, RespValue[] types, DateTimeOffset at, IDictionary<byte[], ObservedValue> values, ref RedisException? refusal)
    {
        _commands.Clear();
        var asked = new List<(byte[], ReadOnlyMemory<byte>)>(keys.Count);
        for (var i = 0; i < keys.Count; i++)
        {
            var (type, usage) = (types[2 * i].Bytes, types[(2 * i) + 1]);
            if (types[2 * i].IsError || usage.IsError)
            {
                // In another slot by now, or not for us: the other keys are not concerned.
                refusal ??= RedisException.From(usage.IsError ? usage : types[2 * i]);
            }
            else if (type.Span.SequenceEqual("none"u8) || usage.IsNull)
            {
                values[keys[i]] = ObservedValue.Without(ObservedValue.Gone, at);
            }
            else if (ValueCommand.IsWhole(type.Span) && usage.AsInt64() > maxBytes)
            {
                values[keys[i]] = ObservedValue.Without(ObservedValue.TooLarge, at, type);
            }
            else if (!ValueCommand.TryAdd(_commands, type.Span, keys[i]))
            {
                values[keys[i]] = ObservedValue.Without(ObservedValue.Unsupported, at, type);
            }
            else
            {
                asked.Add((keys[i], type));
            }
        }

        return asked;
    }

    ObservedValue Of(in RespValue reply, ReadOnlyMemory<byte> type, DateTimeOffset at, ref RedisException? refusal)
    {
        if (reply.IsError)
        {
            // WRONGTYPE: the key was made anew between our questions.
            var failure = RedisException.From(reply);
            refusal ??= failure.Code == "WRONGTYPE" ? null : failure;
            return ObservedValue.Without(ObservedValue.Failed);
        }

        var isStream = !ValueCommand.IsWhole(type.Span);
        if (reply.IsNull || (reply is { Kind: not RespKind.String, Count: 0 } && !isStream))
        {
            return ObservedValue.Without(ObservedValue.Gone, at);
        }

        var value = reply.Kind == RespKind.String ? reply.Bytes : ReplyJson.Write(type.Span, reply);
        return value.Length > maxBytes
            ? ObservedValue.Without(ObservedValue.TooLarge, at, type)
            : new ObservedValue(at, type, "", value);
    }
}
