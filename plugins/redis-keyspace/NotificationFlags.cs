using System.Collections.Frozen;

namespace Penstock.Sources.RedisKeyspace;

/// <summary>
/// Which flag of <c>notify-keyspace-events</c> switches which events on: the table at
/// https://redis.io/docs/latest/develop/use/keyspace-notifications/, and what Redis 7.0 was seen to send.
/// </summary>
static class NotificationFlags
{
    const char Keyspace = 'K';
    const char All = 'A';

    /// <summary>What A stands for, as far as it concerns data of Redis itself; keymiss (m) and new (n) are not part of it.</summary>
    const string AllClasses = "g$lshztxe";

    static readonly FrozenDictionary<string, char> Flags = new (char Flag, string Events)[]
    {
        ('g', "del rename_from rename_to move_from move_to copy_to restore expire persist"),
        ('$', "set setrange append incrby incrbyfloat setbit pfadd"),
        ('l', "lpush rpush lpop rpop linsert lset lrem ltrim sortstore"),
        ('h', "hset hdel hincrby hincrbyfloat hexpire hexpired hpersist"),
        ('s', "sadd srem spop sinterstore sunionstore sdiffstore"),
        ('z', "zadd zincr zrem zremrangebyscore zremrangebyrank zremrangebylex zpopmin zpopmax zdiffstore zinterstore zunionstore "
            + "zrangestore geosearchstore georadiusstore"),
        ('t', "xadd xdel xtrim xsetid xgroup-create xgroup-createconsumer xgroup-delconsumer xgroup-destroy xgroup-setid"),
        ('x', "expired"),
        ('e', "evicted"),
        ('m', "keymiss"),
        ('n', "new"),
    }
        .SelectMany(group => group.Events.Split(' '), (group, name) => KeyValuePair.Create(name, group.Flag))
        .ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The flag of an event; null when the event is not known here.</summary>
    public static char? FlagOf(string name) => Flags.TryGetValue(name, out var flag) ? flag : null;

    /// <summary>The flags that these events need, and a canary, which is a SET; no events means all.</summary>
    public static string Needed(IReadOnlyList<string> events, bool hasCanary) =>
        events.Count == 0
            ? $"{Keyspace}{All}"
            : string.Concat(events.Concat(hasCanary ? ["set"] : []).Select(FlagOf).OfType<char>().Distinct().Prepend(Keyspace));

    /// <summary>The needed flags that the setting lacks.</summary>
    public static string Missing(string setting, string needed) => string.Concat(needed.Where(flag => !Has(setting, flag)));

    static bool Has(string setting, char flag) =>
        setting.Contains(flag, StringComparison.Ordinal)
        || (flag == All
            ? AllClasses.All(one => setting.Contains(one, StringComparison.Ordinal))
            : setting.Contains(All, StringComparison.Ordinal) && AllClasses.Contains(flag, StringComparison.Ordinal));
}
