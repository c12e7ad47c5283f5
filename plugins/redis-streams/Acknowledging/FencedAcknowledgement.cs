using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>XACK by the holder of the stream's lease, and by nobody else: a host that was paused for longer than its lease commits nothing.</summary>
static class FencedAcknowledgement
{
    /// <summary>The code of the refusal.</summary>
    public const string Refusal = "FENCED";

    // Lua hands a function some 8,000 arguments at the most.
    static readonly RedisScript Script = new(
        """
        if redis.call('GET', KEYS[2]) ~= ARGV[1] then return redis.error_reply('FENCED another host reads the stream now') end
        local acknowledged = 0
        for i = 3, #ARGV, 1000 do
          acknowledged = acknowledged + redis.call('XACK', KEYS[1], ARGV[2], unpack(ARGV, i, math.min(i + 999, #ARGV)))
        end
        return acknowledged
        """);

    public static async ValueTask<AcknowledgeReply> SendAsync(RedisConnection connection, EntryBatch batch, string group, CancellationToken cancellationToken)
    {
        var lease = batch.Stream.Lease!;
        try
        {
            var reply = await Script.RunAsync(
                connection,
                keys: 2,
                arguments: 2 + batch.Ids.Length,
                command =>
                {
                    command.Add(batch.Stream.NameBytes);
                    command.Add(lease.Key);
                    command.Add(lease.Value);
                    command.Add(group);
                    foreach (var id in batch.Ids)
                    {
                        id.AddTo(command);
                    }
                },
                cancellationToken).ConfigureAwait(false);
            return new AcknowledgeReply(reply.AsInt64(), null);
        }
        catch (RedisException e)
        {
            return new AcknowledgeReply(0, e);
        }
    }
}
