using System.Text.Json.Nodes;
using Penstock.Benchmarks.Hosting;
using Penstock.Benchmarks.Measuring;
using Penstock.Benchmarks.Yardsticks;
using Penstock.TestServers;

namespace Penstock.Benchmarks.Rows;

/// <summary>Events made inside the host by a plugin, so that only the runtime and the sink are left.</summary>
sealed class GeneratorWork(string sink, long events, RedisServer? redis = null) : IWork
{
    public const int Lanes = 4;

    const string Stream = "out";
    const string FileName = "out.jsonl";

    readonly ServerCpu _servers = redis is null ? new ServerCpu() : new ServerCpu().AddRedis(redis.Pid);
    int _entryBytes;
    long _fileBytes;

    public IReadOnlyList<Func<long, Task<Sample>>> Yardsticks => sink switch
    {
        "redis-streams" => [planted => RedisBenchmark.AddAsync(redis!.Port, events, _entryBytes, Lanes, _servers, planted)],
        "file" => [planted => RawFile.RunAsync(_fileBytes, events, planted)],
        _ => [],
    };

    public async Task<Sample> RunHostAsync(long planted)
    {
        var source = new JsonObject { ["events"] = events };
        var pipeline = sink switch
        {
            "redis-streams" => new Pipeline("generator", source, sink, new JsonObject { ["connection"] = Pipeline.Connection(redis!.Endpoint), ["stream"] = Stream }) { Lanes = Lanes },
            "file" => new Pipeline("generator", source, sink, new JsonObject { ["path"] = "./" + FileName }),
            _ => new Pipeline("generator", source, sink, []) { Lanes = Lanes },
        };
        using var host = PenstockHost.Start(pipeline with { Plugins = Distribution.BuildFolder("fixtures", "Generator") }, _servers);
        var sample = await BacklogRun.MeasureAsync(host, events + planted);
        Check(sink switch
        {
            "redis-streams" => CountEntries(),
            "file" => CountLines(host.Combine(FileName)),
            _ => events,
        });
        return sample;
    }

    public ValueTask DisposeAsync() => redis?.DisposeAsync() ?? default;

    void Check(long found)
    {
        if (found != events)
        {
            throw new MeasurementException($"the {sink} sink's target has {found} events, expected {events}");
        }
    }

    long CountEntries()
    {
        using var plain = new PlainRedis(redis!.Port);
        _entryBytes = plain.Entries(Stream).First().Fields.Sum(field => field.Value.Length);
        var length = plain.SendForNumber("XLEN", Stream);
        plain.Send("DEL", Stream);
        return length;
    }

    long CountLines(string path)
    {
        _fileBytes = new FileInfo(path).Length;
        return File.ReadLines(path).LongCount();
    }
}
