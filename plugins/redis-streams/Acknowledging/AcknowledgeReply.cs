using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>What the server said to one acknowledgement.</summary>
/// <param name="Count">How many entries were pending, and are not any more.</param>
/// <param name="Refusal">Why it did nothing; else null.</param>
readonly record struct AcknowledgeReply(long Count, RedisException? Refusal)
{
    public static AcknowledgeReply Of(RespValue reply) =>
        reply.IsError ? new AcknowledgeReply(0, RedisException.From(reply)) : new AcknowledgeReply(reply.AsInt64(), null);
}
