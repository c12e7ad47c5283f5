using System.Text.Json.Nodes;
using Penstock.Benchmarks.Hosting;
using Penstock.Benchmarks.Loads;
using Penstock.Benchmarks.Measuring;
using Penstock.Benchmarks.Yardsticks;
using Penstock.TestServers;

namespace Penstock.Benchmarks.Rows;

/// <summary>A WAL backlog, read by the host into a sink and by pg_recvlogical into nothing.</summary>
sealed class WalWork : IAdjustableWork
{
    const string Target = "out";

    readonly BenchPostgres _postgres = new();
    readonly WalBacklog _backlog;
    readonly RedisServer? _redis;
    readonly ServerCpu _servers = new();
    readonly Func<Pipeline, Pipeline> _change;

    WalWork(RedisServer? redis, long rows, int rowsPerTransaction, int noteBytes, Func<Pipeline, Pipeline>? change)
    {
        _redis = redis;
        _change = change ?? (pipeline => pipeline);
        _backlog = WalBacklog.Prepare(_postgres, rows, rowsPerTransaction, noteBytes);
        _servers.AddPostgres(_postgres.Postmaster);
        if (redis is not null)
        {
            _servers.AddRedis(redis.Pid);
        }
    }

    public IReadOnlyList<Func<long, Task<Sample>>> Yardsticks =>
        _redis is null ? [Receive] : [Receive, planted => RedisBenchmark.AddAsync(_redis.Port, _backlog.Rows, EntryBytes, 4, _servers, planted)];

    /// <summary>Bytes of one entry that the sink wrote, measured on the first run.</summary>
    int EntryBytes { get; set; } = 500;

    public static WalWork ToDiscard(long rows, int rowsPerTransaction) => new(null, rows, rowsPerTransaction, 100, null);

    public static async Task<WalWork> ToRedisAsync(long rows, int rowsPerTransaction, int noteBytes = 100, Func<Pipeline, Pipeline>? change = null) =>
        new(await RedisServer.StartAsync(), rows, rowsPerTransaction, noteBytes, change);

    public static JsonObject Source(BenchPostgres postgres, string slot) => new()
    {
        ["connectionString"] = postgres.Server.ConnectionStringWithoutPassword,
        ["password"] = "secret",
        ["slot"] = slot,
        ["publication"] = WalBacklog.Publication,
        ["tables"] = new JsonArray(WalBacklog.Table),
    };

    public Task<Sample> RunHostAsync(long planted) => RunHostAsync(_change, planted);

    public async Task<Sample> RunHostAsync(Func<Pipeline, Pipeline> change, long planted)
    {
        var slot = _backlog.NewSlot();
        Sample sample;
        using (var host = PenstockHost.Start(change(Configure(slot)), _servers))
        {
            sample = await BacklogRun.MeasureAsync(host, _backlog.Rows + planted);
        }

        _backlog.Finish(slot);
        if (_redis is not null)
        {
            CheckTarget(_redis.Port);
        }

        return sample;
    }

    public async ValueTask DisposeAsync()
    {
        _postgres.Dispose();
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }
    }

    Task<Sample> Receive(long planted) => PgRecvLogical.RunAsync(_postgres, _backlog, _servers, planted);

    Pipeline Configure(string slot)
    {
        var source = Source(_postgres, slot);
        return _redis is null
            ? new Pipeline("postgres-wal", source, "discard", [])
            : new Pipeline("postgres-wal", source, "redis-streams", new JsonObject { ["connection"] = Pipeline.Connection(_redis.Endpoint), ["stream"] = Target });
    }

    void CheckTarget(int port)
    {
        using var redis = new PlainRedis(port);
        var length = redis.SendForNumber("XLEN", Target);
        var entry = redis.Entries(Target).First();
        EntryBytes = entry.Fields.Sum(field => field.Value.Length);
        redis.Send("DEL", Target);
        if (length != _backlog.Rows)
        {
            throw new MeasurementException($"the sink's stream has {length} entries, expected {_backlog.Rows}");
        }
    }
}
