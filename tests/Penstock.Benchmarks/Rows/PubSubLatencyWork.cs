using System.Text.Json.Nodes;
using Penstock.Benchmarks.Hosting;
using Penstock.Benchmarks.Loads;
using Penstock.Benchmarks.Yardsticks;
using Penstock.TestServers;

namespace Penstock.Benchmarks.Rows;

/// <summary>PUBLISH at a fixed rate, through the host into a stream.</summary>
sealed class PubSubLatencyWork : LatencyWork
{
    const string Channel = "bench";
    const int PayloadBytes = 150;

    readonly LatencyRun _run;

    PubSubLatencyWork(RedisServer redis, BenchOptions options, int eventsPerSecond)
        : base(redis, options) =>
        _run = new LatencyRun(CommandLoad.Publish(redis.Port, Channel, PayloadBytes), eventsPerSecond, WarmUpSeconds, Seconds);

    protected override LatencyRun Run => _run;

    protected override string YardstickName => SubscriberArrivals.Name;

    public static async Task<PubSubLatencyWork> PrepareAsync(BenchOptions options, int eventsPerSecond) =>
        new(await RedisServer.StartAsync(), options, eventsPerSecond);

    protected override Task<Pipeline> BeginAsync()
    {
        var source = new JsonObject { ["connection"] = Pipeline.Connection(Redis.Endpoint), ["channels"] = new JsonArray(Channel) };
        return Task.FromResult(new Pipeline("redis-pubsub", source, "redis-streams", []));
    }

    protected override bool IsReading()
    {
        using var redis = new PlainRedis(Redis.Port);
        return (long)((object?[])redis.Send("PUBSUB", "NUMSUB", Channel)!)[1]! == 1;
    }

    protected override IArrivals OpenYardstick() => new SubscriberArrivals(Redis.Port, Channel);
}
