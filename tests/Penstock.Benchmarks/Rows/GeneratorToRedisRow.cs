using Penstock.TestServers;

namespace Penstock.Benchmarks.Rows;

/// <summary>The sink alone.</summary>
sealed class GeneratorToRedisRow : BenchRow
{
    public override string Name => "generator-redis";

    public override string What => $"Events made in the host, 150 B, 100,000 keys, to a Redis stream, {GeneratorWork.Lanes} lanes";

    public override async Task<IWork> PrepareAsync(BenchOptions options) =>
        new GeneratorWork("redis-streams", options.EventsOr(1_000_000), await RedisServer.StartAsync());
}
