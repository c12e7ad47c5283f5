using System.Text.Json.Nodes;
using Penstock.Benchmarks.Hosting;
using Penstock.Benchmarks.Loads;
using Penstock.Benchmarks.Measuring;
using Penstock.Benchmarks.Yardsticks;
using Penstock.TestServers;

namespace Penstock.Benchmarks.Rows;

/// <summary>A publisher beside the host; what was published must have been delivered, to the message.</summary>
sealed class PubSubWork : IWork
{
    readonly RedisServer _redis;
    readonly PublishLoad _load;
    readonly ServerCpu _servers;
    readonly double _perSecond;

    PubSubWork(RedisServer redis, double perSecond, long messages)
    {
        _redis = redis;
        _perSecond = perSecond;
        _load = new PublishLoad(redis.Port, perSecond, messages);
        _servers = new ServerCpu().AddRedis(redis.Pid);
    }

    public IReadOnlyList<Func<long, Task<Sample>>> Yardsticks => [planted => RawSubscriber.RunAsync(_load, _servers, planted)];

    public bool WarmsUpItself => true;

    public static async Task<PubSubWork> PrepareAsync(double perSecond, long messages, RedisServerOptions? server = null) =>
        new(await RedisServer.StartAsync(server), perSecond, messages);

    public async Task<Sample> RunHostAsync(long planted)
    {
        var source = new JsonObject { ["connection"] = Pipeline.Connection(_redis.Endpoint), ["channels"] = new JsonArray(PublishLoad.Channel) };
        if (double.IsInfinity(_perSecond))
        {
            // Faster than anybody takes it, and yet all of it is to come.
            source["maxBacklog"] = "4GiB";
        }

        using var host = PenstockHost.Start(new Pipeline("redis-pubsub", source, "discard", []), _servers);
        var publishing = _load.RunAsync();
        var sample = await BacklogRun.MeasureAsync(host, _load.Total + planted, PublishLoad.WarmUp);
        await publishing;
        return sample;
    }

    public ValueTask DisposeAsync() => _redis.DisposeAsync();
}
