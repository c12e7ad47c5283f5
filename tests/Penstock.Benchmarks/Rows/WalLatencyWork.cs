using System.Globalization;
using Penstock.Benchmarks.Hosting;
using Penstock.Benchmarks.Loads;
using Penstock.Benchmarks.Yardsticks;
using Penstock.TestServers;

namespace Penstock.Benchmarks.Rows;

/// <summary>Commits at a fixed rate, into the WAL, into the stream.</summary>
sealed class WalLatencyWork : LatencyWork
{
    const int CommitsPerSecond = 1000;

    readonly BenchPostgres _postgres = new();
    readonly LatencyRun _run;
    string _slot = "";
    int _slots;

    WalLatencyWork(RedisServer redis, BenchOptions options, int rowsPerCommit)
        : base(redis, options)
    {
        OrdersTable.Create(_postgres);
        Servers.AddPostgres(_postgres.Postmaster);
        _run = new LatencyRun(new CommitLoad(_postgres, rowsPerCommit), CommitsPerSecond, WarmUpSeconds, Seconds);
    }

    protected override bool HasCommitTime => true;

    protected override LatencyRun Run => _run;

    protected override string YardstickName => PgRecvLogical.Name;

    public static async Task<WalLatencyWork> PrepareAsync(BenchOptions options, int eventsPerSecond) =>
        new(await RedisServer.StartAsync(), options, eventsPerSecond / CommitsPerSecond);

    public override async ValueTask DisposeAsync()
    {
        _postgres.Dispose();
        await base.DisposeAsync();
    }

    protected override Task<Pipeline> BeginAsync()
    {
        _slot = string.Create(CultureInfo.InvariantCulture, $"bench_{++_slots}");
        _postgres.Execute($"SELECT pg_create_logical_replication_slot('{_slot}', 'pgoutput')");
        return Task.FromResult(new Pipeline("postgres-wal", WalWork.Source(_postgres, _slot), "redis-streams", []));
    }

    protected override bool IsReading() => (bool)_postgres.Scalar($"SELECT active FROM pg_replication_slots WHERE slot_name = '{_slot}'")!;

    protected override IArrivals OpenYardstick() => new RecvLogicalArrivals(_postgres, _slot);

    protected override void End()
    {
        // A walsender whose client is gone needs a moment to notice.
        _postgres.Execute($"SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots WHERE slot_name = '{_slot}' AND active");
        _postgres.Execute($"SELECT pg_drop_replication_slot('{_slot}')");
        _postgres.Execute("TRUNCATE orders");
    }
}
