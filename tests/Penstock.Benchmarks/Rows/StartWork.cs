using System.Text.Json.Nodes;
using Penstock.Benchmarks.Hosting;
using Penstock.Benchmarks.Loads;
using Penstock.Benchmarks.Measuring;
using Penstock.Benchmarks.Yardsticks;
using Penstock.TestServers;

namespace Penstock.Benchmarks.Rows;

/// <summary>A few rows wait in the WAL; the yardstick is pg_recvlogical's first byte of output.</summary>
sealed class StartWork : IWork
{
    const int Rows = 10;
    const string Stream = "out";

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    readonly BenchPostgres _postgres = new();
    readonly RedisServer _redis;
    readonly WalBacklog _backlog;

    StartWork(RedisServer redis)
    {
        _redis = redis;
        _backlog = WalBacklog.Prepare(_postgres, Rows, Rows);
    }

    public IReadOnlyList<Func<long, Task<Sample>>> Yardsticks => [RunYardstickAsync];

    public static async Task<IWork> PrepareAsync() => new StartWork(await RedisServer.StartAsync());

    public async Task<Sample> RunHostAsync(long planted)
    {
        var slot = _backlog.NewSlot();
        double seconds;
        long peak;
        var sink = new JsonObject { ["connection"] = Pipeline.Connection(_redis.Endpoint), ["stream"] = Stream };
        using (var redis = new PlainRedis(_redis.Port))
        using (var host = PenstockHost.Start(new Pipeline("postgres-wal", WalWork.Source(_postgres, slot), "redis-streams", sink), new ServerCpu()))
        {
            await redisHas(1);
            seconds = host.Elapsed;
            await redisHas(Rows + planted);
            peak = ProcessFacts.PeakResidentBytes(host.Pid);
            await Eventually.HoldsAsync(async () => await host.ReadAsync() is { Delivered: Rows }, "the host has counted them");
            await host.StopAsync(Rows);
            redis.Send("DEL", Stream);

            Task redisHas(long entries) => Eventually.HoldsAsync(() => redis.SendForNumber("XLEN", Stream) >= entries, $"the stream has {entries} entries", Patience);
        }

        _backlog.Finish(slot);
        return ToSample("penstock", seconds) with { PeakResidentBytes = peak };
    }

    public async ValueTask DisposeAsync()
    {
        _postgres.Dispose();
        await _redis.DisposeAsync();
    }

    async Task<Sample> RunYardstickAsync(long planted)
    {
        var slot = _backlog.NewSlot();
        double seconds;
        using (var arrivals = new RecvLogicalArrivals(_postgres, slot))
        {
            var recorder = new ArrivalRecorder(new Pace(0, 1), first: 1, perSend: 1, Rows + planted, warmUp: 0);
            await LoadThread.Start(() => arrivals.ReadAll(recorder)).WaitAsync(Patience);
            seconds = arrivals.FirstOutput!.Value.TotalSeconds;
        }

        await Eventually.HoldsAsync(() => !(bool)_postgres.Scalar($"SELECT active FROM pg_replication_slots WHERE slot_name = '{slot}'")!, "the slot is free");
        _postgres.Execute($"SELECT pg_drop_replication_slot('{slot}')");
        return ToSample(PgRecvLogical.Name, seconds);
    }

    static Sample ToSample(string subject, double seconds) => new() { Subject = subject, Events = 1, Seconds = seconds, StartToFirstSeconds = seconds };
}
