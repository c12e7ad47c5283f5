using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests.Chaos;

/// <summary>One host, one database under load, two pipelines: each has a slot and a Redis of its own.</summary>
sealed class TwoPipelines : IAsyncDisposable
{
    /// <summary>The server's patience with a silent reader, shrunk as the downtime is.</summary>
    public const int SenderTimeoutSeconds = 3;

    public const string Retry = "retry 50ms to 1s, commandTimeout 1s";

    const string Held = "FROM pg_stat_replication JOIN pg_replication_slots ON active_pid = pid WHERE slot_name = 'held'";

    readonly TempDirectory _directory = new("chaos");
    readonly PostgresServer _postgres = PostgresServer.Start($"wal_sender_timeout = {SenderTimeoutSeconds}s");
    readonly SteadyLoad _load;

    TwoPipelines(RedisServer held, RedisServer free)
    {
        HeldRedis = held;
        FreeRedis = free;
        Table = new CountersTable(_postgres);
        _load = new SteadyLoad(_postgres, Table, _directory);
        HeldTail = new SinkTail(held.Port, "cdc:public.counters");
        FreeTail = new SinkTail(free.Port, "cdc:public.counters");
        File.WriteAllText(ConfigFile, $$"""{ "pipelines": { {{Pipeline("held", held)}}, {{Pipeline("free", free)}} } }""");
    }

    public CountersTable Table { get; }

    public RedisServer HeldRedis { get; }

    public RedisServer FreeRedis { get; }

    public SinkTail HeldTail { get; }

    public SinkTail FreeTail { get; }

    public string HeldCheckpoint => CheckpointFile.Newest(_directory.Combine("state", "held"));

    string ConfigFile => _directory.Combine("penstock.json");

    public static async Task<TwoPipelines> StartAsync() =>
        new(await RedisServer.StartAsync(DurableRedis.Options), await RedisServer.StartAsync(DurableRedis.Options));

    public async Task<HostRun> StartUnderLoadAsync()
    {
        var host = HostRun.Start("run", "-c", ConfigFile);
        await Eventually.HoldsAsync(
            () => Table.Number("SELECT count(*) FROM pg_replication_slots WHERE active") == 2 || (host.HasExited ? throw new InvalidOperationException(host.Errors) : false),
            "both slots are in use");
        _load.Start();
        await HeldTail.GrowsAsync(100);
        await FreeTail.GrowsAsync(100);
        await Eventually.HoldsAsync(() => HeldCheckpoint.Length > 0, "there is a checkpoint");
        return host;
    }

    public Task StopLoadAsync() => _load.StopAsync();

    /// <summary>How far the server has sent the held pipeline's log: it stands still when the host takes no more.</summary>
    public string Sent() => Table.Text($"SELECT sent_lsn::text {Held}");

    /// <summary>Bytes of WAL that the host took, or the network holds, and that are not confirmed.</summary>
    public long SentAndNotConfirmed() => Table.Number($"SELECT (sent_lsn - confirmed_flush_lsn)::bigint {Held}");

    /// <summary>Bytes of WAL that wait at the server.</summary>
    public long NotSent() => Table.Number($"SELECT (pg_current_wal_lsn() - sent_lsn)::bigint {Held}");

    public async ValueTask DisposeAsync()
    {
        _load.Dispose();
        HeldTail.Dispose();
        FreeTail.Dispose();
        await HeldRedis.DisposeAsync();
        await FreeRedis.DisposeAsync();
        _postgres.Dispose();
        _directory.Dispose();
    }

    string Pipeline(string name, RedisServer redis) =>
        $$"""
        "{{name}}": {
          "sources": {
            "db": {
              "type": "postgres-wal",
              "config": {
                "connectionString": "{{_postgres.ConnectionStringWithoutPassword}}",
                "password": "secret",
                "slot": "{{name}}",
                "publication": "chaos",
                "tables": ["public.counters"]
              }
            }
          },
          "sinks": {
            "stream": {
              "type": "redis-streams",
              "lanes": 2,
              "retry": { "initialDelay": "50ms", "maxDelay": "1s" },
              "config": {
                "connection": { "endpoints": ["{{redis.Endpoint}}"], "connectTimeout": "1s", "commandTimeout": "1s" },
                "stream": "cdc:{subject}"
              }
            }
          }
        }
        """;
}
