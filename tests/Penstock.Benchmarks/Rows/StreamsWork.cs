using System.Text.Json.Nodes;
using Penstock.Benchmarks.Hosting;
using Penstock.Benchmarks.Loads;
using Penstock.Benchmarks.Measuring;
using Penstock.Benchmarks.Yardsticks;
using Penstock.TestServers;

namespace Penstock.Benchmarks.Rows;

/// <summary>A stream full of entries, read by the host in a group of its own for each run.</summary>
sealed class StreamsWork : IAdjustableWork
{
    const string Stream = "bench";
    const string Group = "penstock";

    readonly RedisServer _redis;
    readonly long _entries;
    readonly bool _toFile;
    readonly ServerCpu _servers;

    StreamsWork(RedisServer redis, long entries, int payloadBytes, bool toFile)
    {
        _redis = redis;
        _entries = entries;
        _toFile = toFile;
        _servers = new ServerCpu().AddRedis(redis.Pid);
        StreamBacklog.Fill(redis.Port, Stream, entries, payloadBytes);
    }

    public IReadOnlyList<Func<long, Task<Sample>>> Yardsticks =>
        [planted => RedisBenchmark.ReadGroupAsync(_redis.Port, Stream, _entries, _servers, planted)];

    public static async Task<StreamsWork> PrepareAsync(long entries, bool toFile, int payloadBytes = 150) =>
        new(await RedisServer.StartAsync(), entries, payloadBytes, toFile);

    public Task<Sample> RunHostAsync(long planted) => RunHostAsync(pipeline => pipeline, planted);

    public async Task<Sample> RunHostAsync(Func<Pipeline, Pipeline> change, long planted)
    {
        var source = new JsonObject
        {
            ["connection"] = Pipeline.Connection(_redis.Endpoint),
            ["streams"] = new JsonArray(Stream),
            ["group"] = Group,
        };
        var pipeline = _toFile
            ? new Pipeline("redis-streams", source, "file", new JsonObject { ["path"] = "./out.jsonl" })
            : new Pipeline("redis-streams", source, "discard", []);
        using var host = PenstockHost.Start(change(pipeline), _servers);
        var sample = await BacklogRun.MeasureAsync(host, _entries + planted);
        CheckGroup();
        if (_toFile)
        {
            CheckFile(host.Combine("out.jsonl"));
        }

        return sample;
    }

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    // Everything was read and acknowledged.
    void CheckGroup()
    {
        using var redis = new PlainRedis(_redis.Port);
        var pending = (long)((object?[])redis.Send("XPENDING", Stream, Group)!)[0]!;
        var rest = (object?[])redis.Send("XREADGROUP", "GROUP", Group, "check", "COUNT", "1", "STREAMS", Stream, ">")! ?? [];
        redis.Send("XGROUP", "DESTROY", Stream, Group);
        if (pending != 0 || rest.Length > 0)
        {
            throw new MeasurementException($"the host left {pending} entries pending{(rest.Length > 0 ? ", and some unread" : "")}");
        }
    }

    void CheckFile(string path)
    {
        var lines = File.ReadLines(path).LongCount();
        if (lines != _entries)
        {
            throw new MeasurementException($"the file has {lines} lines, expected {_entries}");
        }
    }
}
