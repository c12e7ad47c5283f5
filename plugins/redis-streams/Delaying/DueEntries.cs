using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>Reads only what is older than the delay by the server's clock: what is younger stays in the stream, and nobody holds it.</summary>
sealed class DueEntries(TimeSpan delay, TimeSpan block, TimeProvider time)
{
    static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    // Counts what is due, so that XREADGROUP, which knows no end, is asked for no more. Nothing happens between the two.
    static readonly RedisScript GroupScript = new(
        """
        local now = redis.call('TIME')
        local newest = now[1] * 1000 + math.floor(now[2] / 1000) - ARGV[4]
        local last
        for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
          local isOurs = false
          for i = 1, #group, 2 do
            if group[i] == 'name' then isOurs = group[i + 1] == ARGV[1] end
            if isOurs and group[i] == 'last-delivered-id' then last = group[i + 1] end
          end
        end
        if not last then return redis.error_reply('NOGROUP No such consumer group') end
        local due = #redis.call('XRANGE', KEYS[1], '(' .. last, string.format('%.0f', math.max(0, newest)), 'COUNT', ARGV[3])
        if due == 0 then return false end
        return redis.call('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', due, 'STREAMS', KEYS[1], '>')[1]
        """);

    RedisClientException? _failure;

    /// <summary>What is due, handed out to a consumer of a group, in the form of a reply to XREADGROUP; empty after a while when nothing is.</summary>
    public ValueTask<RespValue> ReadGroupAsync(
        RedisConnection connection, IReadOnlyList<StreamState> streams, string group, string consumer, int count, CancellationToken stopReading) =>
        ReadAsync(
            streams,
            async stream =>
            {
                var reply = await GroupScript.RunAsync(
                    connection,
                    keys: 1,
                    arguments: 4,
                    command =>
                    {
                        command.Add(stream.NameBytes);
                        command.Add(group);
                        command.Add(consumer);
                        command.Add(count);
                        command.Add((long)delay.TotalMilliseconds);
                    },
                    CancellationToken.None).ConfigureAwait(false);
                return reply.Count == 0 ? (reply, reply) : (reply[0], reply[1]);
            },
            stopReading);

    /// <summary>What is due behind a place in each stream, in the form of a reply to XREAD; empty after a while when nothing is.</summary>
    public ValueTask<RespValue> ReadRangesAsync(RedisConnection connection, IReadOnlyList<StreamState> streams, int count, CancellationToken stopReading) =>
        ReadAsync(
            streams,
            async stream =>
            {
                var now = await connection.ExecuteAsync(["TIME"], stopReading).ConfigureAwait(false);
                var newest = (now[0].AsInt64() * 1000) + (now[1].AsInt64() / 1000) - (long)delay.TotalMilliseconds;
                var command = new CommandBuffer();
                command.Begin(6);
                command.Add("XRANGE"u8);
                command.Add(stream.NameBytes);
                command.Add($"({stream.LastEmitted}");
                command.Add(Math.Max(0, newest));
                command.Add("COUNT"u8);
                command.Add(count);
                var entries = await connection.ExecuteAsync(command, TimeSpan.Zero, stopReading).ConfigureAwait(false);
                return (RespValue.Slice(RespKind.String, stream.NameBytes, 0, stream.NameBytes.Length), entries);
            },
            stopReading);

    // What the streams before the one that fails have handed out is delivered first: nobody else would get it.
    async ValueTask<RespValue> ReadAsync(
        IReadOnlyList<StreamState> streams, Func<StreamState, ValueTask<(RespValue Name, RespValue Entries)>> readAsync, CancellationToken stopReading)
    {
        if (_failure is { } failure)
        {
            _failure = null;
            throw failure;
        }

        var replies = new RespValue[2 * streams.Count];
        var length = 0;
        try
        {
            foreach (var stream in streams)
            {
                var (name, entries) = await readAsync(stream).ConfigureAwait(false);
                if (entries.Count > 0)
                {
                    replies[length++] = name;
                    replies[length++] = entries;
                }
            }
        }
        catch (RedisClientException e) when (length > 0)
        {
            _failure = e;
        }

        if (length == 0)
        {
            await Task.Delay(block < LongestWait ? block : LongestWait, time, stopReading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return RespValue.Aggregate(RespKind.Array, replies, length);
    }
}
