using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests.Chaos;

/// <summary>PostgreSQL under steady load, a pipeline, and Redis as its sink, with a proxy before each server.</summary>
sealed class WalWorld : IAsyncDisposable
{
    const string Stream = "cdc:public.counters";

    readonly TempDirectory _directory = new("chaos");
    readonly CountersTable _table;
    readonly SteadyLoad _load;
    readonly List<HostRun> _hosts = [];

    WalWorld(PostgresServer postgres, RedisServer redis, int lanes)
    {
        Postgres = postgres;
        Redis = redis;
        PostgresProxy = new TcpProxy(postgres.Port);
        RedisProxy = new TcpProxy(redis.Port);
        _table = new CountersTable(postgres);
        _load = new SteadyLoad(postgres, _table, _directory);
        Tail = new SinkTail(redis.Port, Stream);
        UseLanes(lanes);
    }

    public PostgresServer Postgres { get; }

    public RedisServer Redis { get; }

    public TcpProxy PostgresProxy { get; }

    public TcpProxy RedisProxy { get; }

    public SinkTail Tail { get; }

    public string StateDirectory => _directory.Combine("state");

    /// <summary>The position in the newest checkpoint.</summary>
    public string Checkpoint => CheckpointFile.Newest(StateDirectory);

    string ConfigFile => _directory.Combine("penstock.json");

    /// <summary>Starts the servers; Redis keeps what it acknowledged, whatever happens to it.</summary>
    public static async Task<WalWorld> StartAsync(int lanes = 4, TimeSpan? senderTimeout = null) => new(
        // So that a dead connection is noticed in seconds: the source derives its own timeouts from this.
        PostgresServer.Start($"wal_sender_timeout = {(int)(senderTimeout ?? TimeSpan.FromSeconds(6)).TotalMilliseconds}"),
        await RedisServer.StartAsync(DurableRedis.Options),
        lanes);

    /// <summary>Starts the host; whoever is not ended by then is ended with this world.</summary>
    public HostRun StartHost()
    {
        var host = HostRun.Start("run", "-c", ConfigFile);
        _hosts.Add(host);
        return host;
    }

    /// <summary>Starts the host, then the load, and waits for the first events and a checkpoint of them.</summary>
    public async Task<HostRun> StartUnderLoadAsync()
    {
        var host = StartHost();
        await Eventually.HoldsAsync(
            () => _table.Number("SELECT count(*) FROM pg_replication_slots WHERE active") == 1 || (host.HasExited ? throw new InvalidOperationException(host.Errors) : false),
            "the slot is in use");
        _load.Start();
        await Tail.GrowsAsync(100);
        await Eventually.HoldsAsync(() => Checkpoint.Length > 0, "there is a checkpoint");
        return host;
    }

    public void StartLoad() => _load.Start();

    public void Execute(string sql) => _table.Execute(sql);

    /// <summary>Ends the load, lets the host deliver the rest, ends the host cleanly, and returns every change that was committed.</summary>
    public async Task<IReadOnlySet<(int Counter, int Value)>> FinishAsync(HostRun host)
    {
        await _load.StopAsync();
        var committed = _table.Committed();
        await Tail.ReachesAsync(committed.Values.Sum());
        Assert.Equal(0, await host.TerminateAsync());
        return committed.SelectMany(counter => Enumerable.Range(1, counter.Value).Select(value => (counter.Key, value))).ToHashSet();
    }

    /// <summary>Where the log ends now, as the start of a position.</summary>
    public string End() => Position("SELECT pg_current_wal_lsn()::text");

    /// <summary>Up to where the slot has been acknowledged, as the start of a position.</summary>
    public string Confirmed() => Position("SELECT confirmed_flush_lsn::text FROM pg_replication_slots");

    public void UseLanes(int lanes) => File.WriteAllText(
        ConfigFile,
        $$"""
        {
          "pipelines": {
            "counters": {
              "require": "at-least-once",
              "sources": {
                "db": {
                  "type": "postgres-wal",
                  "config": {
                    "connectionString": "Host=127.0.0.1;Port={{PostgresProxy.Port}};Database=postgres;Username=postgres;Timeout=2",
                    "password": "secret",
                    "slot": "chaos",
                    "publication": "chaos",
                    "tables": ["public.counters"]
                  }
                }
              },
              "sinks": {
                "stream": {
                  "type": "redis-streams",
                  "lanes": {{lanes}},
                  "retry": { "initialDelay": "50ms", "maxDelay": "1s" },
                  "config": {
                    "connection": { "endpoints": ["{{RedisProxy.Endpoint}}"], "connectTimeout": "1s", "commandTimeout": "1s" },
                    "stream": "cdc:{subject}"
                  }
                }
              }
            }
          }
        }
        """);

    string Position(string query)
    {
        var lsn = _table.Text(query).Split('/');
        return $"{lsn[0].PadLeft(8, '0')}/{lsn[1].PadLeft(8, '0')}";
    }

    public async ValueTask DisposeAsync()
    {
        _hosts.ForEach(host => host.Dispose());
        _load.Dispose();
        Tail.Dispose();
        await PostgresProxy.DisposeAsync();
        await RedisProxy.DisposeAsync();
        await Redis.DisposeAsync();
        Postgres.Dispose();
        _directory.Dispose();
    }
}
