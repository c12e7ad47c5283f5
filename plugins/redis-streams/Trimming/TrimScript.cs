using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>Removes from a stream what nobody needs any more, then what is beyond the bounds; by the holder of the lease alone.</summary>
static class TrimScript
{
    // Ids are compared by their numbers, which are too long for Lua's: a longer one is greater, else their digits decide. What is needed is the oldest pending entry of each group, or
    // what follows the last that it was given, and what follows each reader's checkpoint.
    static readonly RedisScript Script = new(
        """
        if redis.call('GET', KEYS[2]) ~= ARGV[1] then return redis.error_reply('FENCED another host trims the stream now') end
        if redis.call('EXISTS', KEYS[1]) == 0 then return {0, 0, ''} end
        local function smaller(a, b) return #a < #b or (#a == #b and a < b) end
        local keep, holder
        local function need(id, who)
          local ms, seq = string.match(id, '^(%d+)-(%d+)$')
          if not keep or smaller(ms, keep[1]) or (ms == keep[1] and smaller(seq, keep[2])) then keep, holder = {ms, seq}, who end
        end
        local function behind(id)
          local ms, seq = string.match(id, '^(%d+)-(%d+)$')
          return #seq < 16 and ms .. '-' .. string.format('%.0f', seq + 1) or id
        end
        for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
          local facts = {}
          for i = 1, #group, 2 do facts[group[i]] = group[i + 1] end
          local who = 'group ' .. facts['name']
          need(behind(facts['last-delivered-id']), who)
          if facts['pending'] > 0 then need(redis.call('XPENDING', KEYS[1], facts['name'])[2], who) end
        end
        local readers = redis.call('HGETALL', KEYS[3])
        for i = 1, #readers, 2 do need(behind(readers[i + 1]), 'reader ' .. readers[i]) end
        local freed, lost = 0, 0
        if keep then freed = redis.call('XTRIM', KEYS[1], 'MINID', keep[1] .. '-' .. keep[2]) end
        if ARGV[2] ~= '' then
          local now = redis.call('TIME')
          lost = redis.call('XTRIM', KEYS[1], 'MINID', string.format('%.0f', math.max(0, now[1] * 1000 + math.floor(now[2] / 1000) - ARGV[2])))
        end
        if ARGV[3] ~= '' then lost = lost + redis.call('XTRIM', KEYS[1], 'MAXLEN', ARGV[3]) end
        if not keep then freed, lost = freed + lost, 0 end
        return {freed, lost, holder or ''}
        """);

    /// <returns>How many entries nobody needed, how many were removed although somebody did, and who needs the oldest.</returns>
    public static async ValueTask<(long Freed, long Lost, string Holder)> RunAsync(
        RedisConnection connection, StreamState stream, Lease lease, string readers, TrimOptions bounds, CancellationToken cancellationToken)
    {
        var reply = await Script.RunAsync(
            connection,
            keys: 3,
            arguments: 3,
            command =>
            {
                command.Add(stream.NameBytes);
                command.Add(lease.Key);
                command.Add(readers);
                command.Add(lease.Value);
                command.Add(bounds.MaxAge is { } age ? $"{(long)age.TotalMilliseconds}" : "");
                command.Add(bounds.MaxLength is { } length ? $"{length}" : "");
            },
            cancellationToken).ConfigureAwait(false);
        return (reply[0].AsInt64(), reply[1].AsInt64(), reply[2].AsText());
    }
}
