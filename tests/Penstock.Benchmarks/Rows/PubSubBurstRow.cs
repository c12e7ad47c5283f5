using Penstock.TestServers;

namespace Penstock.Benchmarks.Rows;

/// <summary>How fast it goes at most: the server holds back what the subscriber has not read, however much it is.</summary>
sealed class PubSubBurstRow : BenchRow
{
    public override string Name => "pubsub-burst";

    public override string What => "Pub/Sub to discard, published as fast as the server takes it, without the server's limit for slow subscribers";

    public override async Task<IWork> PrepareAsync(BenchOptions options) => await PubSubWork.PrepareAsync(
        double.PositiveInfinity,
        options.EventsOr(2_000_000),
        new RedisServerOptions { ExtraLines = ["client-output-buffer-limit pubsub 0 0 0"] });
}
