using Penstock.Benchmarks.Hosting;
using Penstock.Benchmarks.Measuring;
using Penstock.Benchmarks.Yardsticks;
using Penstock.TestServers;

namespace Penstock.Benchmarks.Rows;

/// <summary>A live load through the host into a stream that an independent reader follows; the yardstick follows the source itself.</summary>
abstract class LatencyWork(RedisServer redis, BenchOptions options) : IWork
{
    // Numbers of different runs are far apart: what is late from one cannot pass for another's.
    const long NumbersPerRun = 100_000_000;

    // A yardstick compiles nothing in the run, but for its reader's own loop.
    const int YardstickWarmUpSeconds = 1;

    protected const string Target = "out";

    int _runs;

    public virtual IReadOnlyList<Func<long, Task<Sample>>> Yardsticks => [RunYardstickAsync];

    public bool WarmsUpItself => true;

    protected RedisServer Redis => redis;

    protected ServerCpu Servers { get; } = new ServerCpu().AddRedis(redis.Pid);

    protected int WarmUpSeconds => options.Quick ? 2 : 15;

    protected int Seconds => options.Seconds;

    /// <summary>Whether an event's time is the server's time of the commit, to the microsecond.</summary>
    protected virtual bool HasCommitTime => false;

    protected abstract LatencyRun Run { get; }

    protected abstract string YardstickName { get; }

    public async Task<Sample> RunHostAsync(long planted)
    {
        using var plain = new PlainRedis(redis.Port);
        plain.Send("DEL", Target);
        var pipeline = await BeginAsync();
        Sample sample;
        using (var host = PenstockHost.Start(pipeline with { SinkConfig = ToTarget() }, Servers))
        {
            await Eventually.HoldsAsync(async () => await host.MetricsAsync() is not null && IsReading(), "the host reads");
            using var arrivals = new StreamArrivals(redis.Port, Target, HasCommitTime);
            HostReading? before = null;
            sample = await Run.MeasureAsync("penstock", arrivals, NextNumber(), planted, async () => before = await host.ReadAsync());
            var after = (await host.ReadAsync())!;
            sample = sample with
            {
                ClientCpuMicroseconds = (after.After.CpuSeconds - before!.Before.CpuSeconds) * 1e6 / Run.Counted,
                ServerCpuMicroseconds = ServerCpu.PerEvent(before.Before.Servers, after.After.Servers, Run.Counted),
                AllocatedBytesPerEvent = (after.AllocatedBytes - before.AllocatedBytes) / Run.Counted,
                PeakResidentBytes = ProcessFacts.PeakResidentBytes(host.Pid),
            };
            await host.StopAsync(Run.Events);
        }

        End();
        return sample;
    }

    public virtual async ValueTask DisposeAsync() => await redis.DisposeAsync();

    /// <summary>The source's half of the pipeline, and what it needs on its server.</summary>
    protected abstract Task<Pipeline> BeginAsync();

    /// <summary>Whether what is sent from now on will be delivered.</summary>
    protected abstract bool IsReading();

    protected virtual void End()
    {
    }

    /// <summary>A reader at the source, where the host reads.</summary>
    protected abstract IArrivals OpenYardstick();

    async Task<Sample> RunYardstickAsync(long planted)
    {
        await BeginAsync();
        Sample sample;
        using (var arrivals = OpenYardstick())
        {
            await Eventually.HoldsAsync(IsReading, "the yardstick reads");
            sample = await (Run with { WarmUp = YardstickWarmUpSeconds }).MeasureAsync(YardstickName, arrivals, NextNumber(), planted);
        }

        End();
        return sample;
    }

    long NextNumber() => ++_runs * NumbersPerRun;

    System.Text.Json.Nodes.JsonObject ToTarget() => new() { ["connection"] = Pipeline.Connection(redis.Endpoint), ["stream"] = Target };
}
