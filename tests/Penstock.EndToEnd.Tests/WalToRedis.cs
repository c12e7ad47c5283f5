using System.Globalization;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests;

/// <summary>PostgreSQL, Redis, a table of counters under load, and a pipeline between them.</summary>
sealed class WalToRedis : IAsyncDisposable
{
    public const string Stream = "cdc:public.counters";

    readonly TempDirectory _directory = new("e2e");
    readonly PostgresServer _postgres = PostgresServer.Start();
    readonly CountersTable _table;
    readonly RedisServer _redis;
    readonly bool _atomic;

    WalToRedis(RedisServer redis, bool atomic)
    {
        _redis = redis;
        _atomic = atomic;
        Network = new TcpProxy(redis.Port);
        _table = new CountersTable(_postgres);
        File.WriteAllText(ConfigFile, Config());
        Redis = new PlainRedis(_redis.Port);
    }

    public string ConfigFile => _directory.Combine("penstock.json");

    public string StateDirectory => _directory.Combine("state");

    public PlainRedis Redis { get; private set; }

    /// <summary>What lies between the host and Redis.</summary>
    public TcpProxy Network { get; }

    /// <param name="atomic">Whether the sink stores its positions with the entries, and the pipeline must be effectively-once.</param>
    public static async Task<WalToRedis> StartAsync(bool atomic = false) => new(await RedisServer.StartAsync(), atomic);

    public HostRun StartHost() => HostRun.Start("run", "-c", ConfigFile);

    /// <summary>Every transaction adds one to one counter, so that (id, n) names a change and n is its place in commit order.</summary>
    public HostRun StartLoad(int transactions, int clients = 8)
    {
        var script = _directory.Combine("load.sql");
        File.WriteAllText(script, $"\\set id random(1, {CountersTable.Counters})\nUPDATE counters SET n = n + 1 WHERE id = :id;\n");
        var perClient = (transactions / clients).ToString(CultureInfo.InvariantCulture);
        var port = _postgres.Port.ToString(CultureInfo.InvariantCulture);
        return HostRun.StartAs(
            "/usr/bin/env",
            ["PGPASSWORD=secret", Path.Combine(_postgres.BinDirectory, "pgbench"), "-n", "-h", "127.0.0.1", "-p", port, "-U", "postgres",
                "-c", $"{clients}", "-j", "2", "-t", perClient, "-f", script, "postgres"]);
    }

    /// <summary>How often each counter was raised, by the database.</summary>
    public Dictionary<int, int> Committed() => _table.Committed();

    /// <summary>Waits until the slot exists, before which nothing is captured.</summary>
    public Task SlotAsync() => Eventually.HoldsAsync(() => _table.Number("SELECT count(*) FROM pg_replication_slots WHERE active") == 1, "the slot is in use");

    /// <summary>What the sink's stream holds, in its order.</summary>
    public List<Delivered> Delivered() => [.. Redis.Entries(Stream).Select(entry => EndToEnd.Tests.Delivered.Parse(entry.Fields["event"]))];

    public void Execute(string sql) => _table.Execute(sql);

    /// <summary>Kills Redis and starts it with what it has saved.</summary>
    public async Task RestartRedisAsync()
    {
        Redis.Dispose();
        await _redis.RestartAsync();
        Redis = new PlainRedis(_redis.Port);
    }

    public long StreamLength() => Redis.SendForNumber("XLEN", Stream);

    public async ValueTask DisposeAsync()
    {
        Redis.Dispose();
        await Network.DisposeAsync();
        await _redis.DisposeAsync();
        _postgres.Dispose();
        _directory.Dispose();
    }

    string Config() =>
        $$"""
        {
          "admin": { "listen": "http://localhost:0" },
          "pipelines": {
            "counters": {
              "require": "{{(_atomic ? "effectively-once" : "at-least-once")}}",
              "sources": {
                "db": {
                  "type": "postgres-wal",
                  "config": {
                    "connectionString": "{{_postgres.ConnectionStringWithoutPassword}}",
                    "password": "secret",
                    "slot": "penstock_e2e",
                    "publication": "penstock_e2e",
                    "tables": ["public.counters"]
                  }
                }
              },
              "sinks": {
                "stream": {
                  "type": "redis-streams",
                  "lanes": 4,
                  "config": { "connection": { "endpoints": ["{{(_atomic ? Network : null)?.Endpoint ?? _redis.Endpoint}}"] }, "stream": "cdc:{subject}", "atomic": {{(_atomic ? "true" : "false")}} }
                }
              }
            }
          }
        }
        """;
}
