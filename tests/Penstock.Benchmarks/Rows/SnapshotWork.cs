using System.Globalization;
using System.Text.Json.Nodes;
using Penstock.Benchmarks.Hosting;
using Penstock.Benchmarks.Loads;
using Penstock.Benchmarks.Measuring;
using Penstock.Benchmarks.Yardsticks;

namespace Penstock.Benchmarks.Rows;

/// <summary>A table that the host reads from its first row to its last, and psql in one COPY.</summary>
sealed class SnapshotWork : IWork
{
    readonly BenchPostgres _postgres = new();
    readonly ServerCpu _servers = new();
    readonly long _rows;
    int _slots;

    public SnapshotWork(long rows)
    {
        _rows = rows;
        OrdersTable.Create(_postgres);
        _postgres.Execute($"INSERT INTO orders {OrdersTable.Rows("g", 100)} FROM generate_series(1, {rows}) g");
        _postgres.Execute("VACUUM (ANALYZE) orders");
        _postgres.Execute("CHECKPOINT");
        _servers.AddPostgres(_postgres.Postmaster);
    }

    public IReadOnlyList<Func<long, Task<Sample>>> Yardsticks => [CopyAsync];

    public async Task<Sample> RunHostAsync(long planted)
    {
        var slot = string.Create(CultureInfo.InvariantCulture, $"snapshot_{++_slots}");
        var source = WalWork.Source(_postgres, slot);
        source["snapshot"] = "initial";
        Sample sample;
        using (var host = PenstockHost.Start(new Pipeline("postgres-wal", source, "discard", new JsonObject()), _servers))
        {
            sample = await BacklogRun.MeasureAsync(host, _rows + planted);
        }

        _postgres.Execute($"SELECT pg_drop_replication_slot('{slot}')");
        return sample;
    }

    public ValueTask DisposeAsync()
    {
        _postgres.Dispose();
        return default;
    }

    async Task<Sample> CopyAsync(long planted)
    {
        const string name = "psql COPY";
        var run = await ClientProgram.RunAsync(
            Path.Combine(_postgres.Server.BinDirectory, "psql"),
            [
                "-h", "127.0.0.1", "-p", _postgres.Server.Port.ToString(CultureInfo.InvariantCulture), "-U", "postgres", "-d", "postgres", "-q",
                "-c", "COPY (SELECT * FROM orders ORDER BY id) TO STDOUT", "-o", "/dev/null",
            ],
            _servers,
            new Dictionary<string, string> { ["PGPASSWORD"] = "secret" });
        return planted == 0 ? run.ToSample(name, _rows, run.Seconds) : throw new MeasurementException($"{name} read {_rows} rows, expected {_rows + planted}");
    }
}
