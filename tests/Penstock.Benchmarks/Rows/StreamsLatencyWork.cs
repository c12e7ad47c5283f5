using System.Text.Json.Nodes;
using Penstock.Benchmarks.Hosting;
using Penstock.Benchmarks.Loads;
using Penstock.Benchmarks.Yardsticks;
using Penstock.TestServers;

namespace Penstock.Benchmarks.Rows;

/// <summary>XADD at a fixed rate into one stream, through the host into another.</summary>
sealed class StreamsLatencyWork : LatencyWork
{
    const string Stream = "bench";
    const string Group = "penstock";
    const int PayloadBytes = 150;

    readonly LatencyRun _run;

    StreamsLatencyWork(RedisServer redis, BenchOptions options, int eventsPerSecond)
        : base(redis, options) =>
        _run = new LatencyRun(CommandLoad.Add(redis.Port, Stream, PayloadBytes), eventsPerSecond, WarmUpSeconds, Seconds);

    protected override LatencyRun Run => _run;

    protected override string YardstickName => "XREAD of the source";

    public static async Task<StreamsLatencyWork> PrepareAsync(BenchOptions options, int eventsPerSecond) =>
        new(await RedisServer.StartAsync(), options, eventsPerSecond);

    protected override Task<Pipeline> BeginAsync()
    {
        using var redis = new PlainRedis(Redis.Port);
        redis.Send("DEL", Stream);
        redis.Send("XGROUP", "CREATE", Stream, Group, "0", "MKSTREAM");
        var source = new JsonObject
        {
            ["connection"] = Pipeline.Connection(Redis.Endpoint),
            ["streams"] = new JsonArray(Stream),
            ["group"] = Group,
        };
        return Task.FromResult(new Pipeline("redis-streams", source, "redis-streams", []));
    }

    // The group stands before anything is sent: nothing can be missed.
    protected override bool IsReading() => true;

    protected override IArrivals OpenYardstick() => new StreamArrivals(Redis.Port, Stream);
}
