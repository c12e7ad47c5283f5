using System.Text.Json.Nodes;
using Penstock.Benchmarks.Hosting;
using Penstock.Benchmarks.Loads;
using Penstock.Benchmarks.Soak.Judging;
using Penstock.Benchmarks.Soak.Loads;
using Penstock.Benchmarks.Soak.Rules;
using Penstock.TestServers;

namespace Penstock.Benchmarks.Soak.Pipelines;

/// <summary>Entries of a Redis stream, read in a group, into a file, in the order of the stream.</summary>
sealed class StreamsPipeline : SoakPipeline
{
    const string Stream = "soak-in";
    const string Group = "soak";
    const int PayloadBytes = 150;

    readonly RedisServer _redis;
    readonly PlainRedis _plain;
    readonly SourceTrimmer _trimmer;
    readonly SequenceJudge _sequence = new(keys: 1);
    readonly FileJudge _judge;
    readonly CommandWriter _writer;
    readonly string _folder;

    public StreamsPipeline(RedisServer redis, PlainRedis plain, string folder, SoakPlant plant)
    {
        (_redis, _plain, _folder) = (redis, plain, folder);
        _plain.Send("XGROUP", "CREATE", Stream, Group, "0", "MKSTREAM");
        _trimmer = new SourceTrimmer(_plain, Stream, Group);
        Gate = new Gate(() => _sequence.Delivered, perSend: 1);
        _judge = new FileJudge(Path.Combine(folder, Stream + ".jsonl"), _sequence);
        _writer = new CommandWriter(redis.Port, Gate, plant, "XADD", Stream, "*", "payload", Marker.Payload(0, PayloadBytes));
    }

    public override string Name => "streams";

    public override Gate Gate { get; }

    public override long Sent => _writer.Sent;

    public override long Delivered => _sequence.Delivered;

    public override JsonObject ToJson() => Config(
        "redis-streams",
        new JsonObject { ["connection"] = Pipeline.Connection(_redis.Endpoint), ["streams"] = new JsonArray(Stream), ["group"] = Group },
        "file", new JsonObject { ["path"] = Path.Combine(_folder, "{subject}.jsonl") });

    // The group stands before anything is sent: nothing can be missed.
    public override bool IsReading() => true;

    public override Task WriteAsync() => _writer.RunAsync();

    public override Task JudgeAsync() => _judge.RunAsync();

    public override void EndJudge() => _judge.End();

    public override void Tidy() => _trimmer.Trim();

    public override IEnumerable<Finding> Judge(long total)
    {
        foreach (var finding in SequenceFindings.Of(Name, _sequence, total))
        {
            yield return finding;
        }

        var pending = (long)((object?[])_plain.Send("XPENDING", Stream, Group)!)[0]!;
        yield return new Finding($"{Name}: entries left pending", pending == 0, $"{pending}", "0");
    }
}
