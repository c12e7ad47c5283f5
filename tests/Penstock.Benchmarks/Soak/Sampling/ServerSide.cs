using System.Globalization;
using Penstock.Benchmarks.Loads;
using Penstock.TestServers;

namespace Penstock.Benchmarks.Soak.Sampling;

/// <summary>What the servers say of their clients.</summary>
sealed class ServerSide(PlainRedis redis, BenchPostgres? postgres)
{
    /// <summary>Connections to Redis: the host's, the writers' and the judges'.</summary>
    public int RedisClients() => ((string)redis.Send("CLIENT", "LIST")!).Count(character => character == '\n');

    /// <summary>What Redis uses: a stream that nobody trims would show here.</summary>
    public long RedisBytes()
    {
        const string name = "used_memory:";
        var line = ((string)redis.Send("INFO", "memory")!).Split('\n').First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(name.Length).Trim(), CultureInfo.InvariantCulture);
    }

    public long? WalSenders() => (long?)postgres?.Scalar("SELECT count(*) FROM pg_stat_replication");

    /// <summary>WAL that the slot keeps on the server, which lags behind what the host has confirmed.</summary>
    public double? SlotBytes() => (double?)(decimal?)postgres?.Scalar("SELECT max(pg_current_wal_lsn() - restart_lsn) FROM pg_replication_slots");

    public double? TableBytes() => (long?)postgres?.Scalar("SELECT pg_total_relation_size('orders')");
}
