using Penstock.Redis;

namespace Penstock.Sinks.RedisStreams.Atomic;

/// <summary>
/// The script that adds entries and moves the lane's positions with them, at once. What lies at or before a stored position is there already, and
/// passed over; a stored position behind the one that the lane knows of means that the server has lost what it had confirmed, and nothing is added.
/// </summary>
/// <remarks>
/// KEYS: the hash of the positions, then the streams. ARGV: trim by, trim op, trim value (empty without); the number of positions; for each its field
/// and what it is known to be; for each entry its stream's number in KEYS, its position's number (0 for one that has none:
/// a replayed dead letter, an event of a source without order), its position, id, key, event. A position is 32 hex digits: their order as text is
/// their order, in every locale. The positions are the first thing written, as they are (a new one empty, which counts as none): a server that
/// refuses them, by its ACL or for lack of memory, has added nothing. So is one with which nothing is added, because WAIT waits for writes of its own
/// connection only. An error at an entry stops the script there, with the positions of those before it: the two never differ.
/// </remarks>
static class AppendScript
{
    public const string Text =
        """
        local fields, held = {}, {}
        local at = 5
        for f = 1, tonumber(ARGV[4]) do
          local now, known = redis.call('HGET', KEYS[1], ARGV[at]) or '', ARGV[at + 1]
          if now < known then return {-1, ARGV[at], now, known} end
          fields[f], held[f] = ARGV[at], now
          at = at + 2
        end
        for f, order in ipairs(held) do
          local stored = redis.pcall('HSET', KEYS[1], fields[f], order)
          if type(stored) == 'table' and stored.err then return {0, stored.err} end
        end
        local done, failure = 0, ''
        for e = at, #ARGV, 6 do
          local f = tonumber(ARGV[e + 1])
          if f == 0 or ARGV[e + 2] > held[f] then
            local key, entry = KEYS[tonumber(ARGV[e])], {'*', 'id', ARGV[e + 3], 'key', ARGV[e + 4], 'event', ARGV[e + 5]}
            local added
            if ARGV[1] == '' then added = redis.pcall('XADD', key, unpack(entry))
            else added = redis.pcall('XADD', key, ARGV[1], ARGV[2], ARGV[3], unpack(entry)) end
            if type(added) == 'table' and added.err then failure = added.err break end
            if f > 0 then held[f] = ARGV[e + 2] end
          end
          done = done + 1
        end
        for f, order in ipairs(held) do if order ~= '' then redis.call('HSET', KEYS[1], fields[f], order) end end
        return {done, failure}
        """;

    /// <summary>What EVALSHA takes.</summary>
    public static byte[] Sha { get; } = RedisScript.HashOf(Text);
}
