using System.Text.Json.Nodes;
using Penstock.Benchmarks.Hosting;
using Penstock.Benchmarks.Loads;
using Penstock.Benchmarks.Soak.Loads;
using Penstock.Benchmarks.Soak.Rules;
using Penstock.Benchmarks.Soak.Sampling;
using Penstock.TestServers;

namespace Penstock.Benchmarks.Soak.Pipelines;

/// <summary>Messages of a channel, into the sink that keeps nothing: what came out is known from the host's own count, what went in from the server's.</summary>
sealed class PubSubPipeline : SoakPipeline
{
    const string Channel = "soak";
    const int PayloadBytes = 150;

    readonly RedisServer _redis;
    readonly CommandWriter _writer;
    long _delivered;

    public PubSubPipeline(RedisServer redis)
    {
        _redis = redis;
        Gate = new Gate(() => Delivered, perSend: 1);
        _writer = new CommandWriter(redis.Port, Gate, SoakPlant.None, "PUBLISH", Channel, Marker.Payload(0, PayloadBytes));
    }

    public override string Name => "pubsub";

    public override Gate Gate { get; }

    public override long Sent => _writer.Sent;

    public override long Delivered => Volatile.Read(ref _delivered);

    public override JsonObject ToJson() => Config(
        "redis-pubsub", new JsonObject { ["connection"] = Pipeline.Connection(_redis.Endpoint), ["channels"] = new JsonArray(Channel) }, "discard", []);

    public override bool IsReading()
    {
        using var redis = new PlainRedis(_redis.Port);
        return (long)((object?[])redis.Send("PUBSUB", "NUMSUB", Channel)!)[1]! == 1;
    }

    public override Task WriteAsync() => _writer.RunAsync();

    public override void Follow(Metrics metrics) => Volatile.Write(ref _delivered, (long)metrics.Of("penstock_sink_events_total", Name));

    public override IEnumerable<Finding> Judge(long total)
    {
        yield return new Finding($"{Name}: messages that the server gave to the host", _writer.Answers == total, $"{_writer.Answers}", $"{total}");
        yield return new Finding($"{Name}: delivered, by the host's count", Delivered == total, $"{Delivered}", $"{total}");
    }
}
