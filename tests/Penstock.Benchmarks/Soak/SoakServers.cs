using Penstock.Benchmarks.Loads;
using Penstock.Benchmarks.Soak.Pipelines;
using Penstock.TestServers;

namespace Penstock.Benchmarks.Soak;

/// <summary>The servers of a soak, and the folder that a sink writes to.</summary>
sealed class SoakServers : IAsyncDisposable
{
    readonly TempDirectory _folder = new("soak");

    SoakServers(RedisServer redis, BenchPostgres? postgres) => (Redis, Postgres, Plain) = (redis, postgres, new PlainRedis(redis.Port));

    public RedisServer Redis { get; }

    /// <summary>For looking at Redis between two samples.</summary>
    public PlainRedis Plain { get; }

    public BenchPostgres? Postgres { get; }

    public static async Task<SoakServers> StartAsync(bool withPostgres) => new(await RedisServer.StartAsync(), withPostgres ? new BenchPostgres() : null);

    public SoakPipeline NewPipeline(string name, SoakPlant plant) => name switch
    {
        "wal" => new WalPipeline(Postgres!, Redis),
        "streams" => new StreamsPipeline(Redis, Plain, _folder.Path, plant),
        _ => new PubSubPipeline(Redis),
    };

    public async ValueTask DisposeAsync()
    {
        Plain.Dispose();
        Postgres?.Dispose();
        await Redis.DisposeAsync();
        _folder.Dispose();
    }
}
