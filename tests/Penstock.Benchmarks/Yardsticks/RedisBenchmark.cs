using System.Globalization;
using Penstock.Benchmarks.Loads;
using Penstock.Benchmarks.Measuring;

namespace Penstock.Benchmarks.Yardsticks;

/// <summary>Redis' own load generator, reading a group or adding to a stream.</summary>
static class RedisBenchmark
{
    const int Count = 1000;
    const int Depth = 512;

    public const string ReadName = "redis-benchmark XREADGROUP";
    public const string AddName = "redis-benchmark XADD";

    /// <summary>One client reads the stream in thousands, without acknowledging; never beyond its end, where it would be answered faster.</summary>
    public static async Task<Sample> ReadGroupAsync(int port, string stream, long entries, ServerCpu servers, long planted = 0)
    {
        const string group = "yardstick";
        using var redis = new Resp(port);
        redis.Send(Resp.Command("XGROUP", "CREATE", stream, group, "0"));
        redis.Skip(1);
        var requests = entries / Count;
        var (run, rate) = await RunAsync(port, ["-c", "1", "-n", $"{requests}"], ["XREADGROUP", "GROUP", group, "c", "COUNT", $"{Count}", "STREAMS", stream, ">"], servers);

        redis.Send(Resp.Command("XPENDING", stream, group));
        redis.ReadArray();
        var pending = redis.ReadNumber();
        redis.Skip(3);
        redis.Send(Resp.Command("XGROUP", "DESTROY", stream, group));
        redis.Skip(1);
        return pending == requests * Count + planted
            ? run.ToSample(ReadName, pending, requests / rate)
            : throw new MeasurementException($"the yardstick left {pending} entries pending, expected {requests * Count + planted}");
    }

    /// <summary>Clients with deep pipelines add entries of one field, as large as what the sink writes.</summary>
    public static async Task<Sample> AddAsync(int port, long entries, int bytes, int clients, ServerCpu servers, long planted = 0)
    {
        const string stream = "yardstick";

        // The program sends whole pipelines; of anything else it would add more than it was asked for.
        var whole = entries / Depth * Depth;
        var (run, rate) = await RunAsync(
            port, ["-c", $"{clients}", "-P", $"{Depth}", "-n", $"{whole}"], ["XADD", stream, "*", "event", new string('x', bytes)], servers);
        using var redis = new Resp(port);
        redis.Send(Resp.Command("XLEN", stream));
        var length = redis.ReadNumber();
        redis.Send(Resp.Command("DEL", stream));
        redis.Skip(1);

        return length == whole + planted
            ? run.ToSample(AddName, whole, whole / rate)
            : throw new MeasurementException($"the yardstick added {length} entries, expected {whole + planted}");
    }

    static async Task<(ClientProgram Run, double RequestsPerSecond)> RunAsync(int port, string[] options, string[] command, ServerCpu servers)
    {
        var run = await ClientProgram.RunAsync(
            "redis-benchmark", ["-h", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture), "--csv", .. options, .. command], servers);
        var result = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1].Split("\",\"");
        return (run, double.Parse(result[1], CultureInfo.InvariantCulture));
    }
}
