using System.Globalization;
using Npgsql;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests.Chaos;

/// <summary>One transaction that is far larger than memory, and kill -9 at points inside it.</summary>
[Collection(ChaosGroup.Name)]
public sealed class HugeTransactionTests
{
    // The default of inFlight.maxEvents.
    const long InFlight = 32_768;
    const long MemoryLimit = 256 << 20;
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    [Fact]
    [Trait("Scenario", "PG23")]
    public async Task A_transaction_larger_than_memory_keeps_its_progress_over_kills_in_bounded_memory()
    {
        var (rows, kills) = (Width.Of(300_000, 10_000_000), Width.Of(3, 10));
        using var postgres = PostgresServer.Start("max_wal_size = 8GB");
        using var workspace = new Workspace(Config(postgres));
        await using var database = NpgsqlDataSource.Create(postgres.ConnectionString);
        Execute(database, "CREATE TABLE huge (id int PRIMARY KEY)");
        var host = HostRun.Start("run", "-c", workspace.ConfigFile);
        await Eventually.HoldsAsync(() => Exists(database, "SELECT 1 FROM pg_replication_slots WHERE active"), "the slot is in use");
        Execute(database, $"INSERT INTO huge SELECT generate_series(1, {rows})");

        var file = workspace.Combine("out", "public.huge.jsonl");
        var (again, peak, before) = (0L, 0L, 0L);
        for (var kill = 1; kill <= kills; kill++)
        {
            var goal = (long)rows * kill / (kills + 1);
            await Eventually.HoldsAsync(() => host.HasExited ? throw new InvalidOperationException(host.Errors) : Progress(workspace) >= goal, $"{goal} rows are settled", Patience);
            peak = Math.Max(peak, host.PeakMemory);
            host.Kill();
            host.Dispose();
            var progress = Progress(workspace);
            Assert.InRange(progress, Math.Max(goal, before), rows - 1);
            before = progress;
            again += LastWhole(file) - progress;
            host = HostRun.Start("run", "-c", workspace.ConfigFile);
        }

        await Eventually.HoldsAsync(() => host.HasExited ? throw new InvalidOperationException(host.Errors) : Progress(workspace) >= rows, "the rest is settled", Patience);
        peak = Math.Max(peak, host.PeakMemory);
        Assert.Equal(0, await host.TerminateAsync());
        host.Dispose();

        var delivered = Count(file, out var outOfPlace);
        Report.Add(new Row($"one transaction: kill -9 inside it ({rows} rows)", kills)
        {
            Read = rows,
            Delivered = delivered,
            Lost = Math.Max(0, rows - delivered),
            Duplicated = Math.Max(0, delivered - rows),
            BelowCheckpoint = 0,
            OutOfOrder = outOfPlace,
            Remarks = $"peak memory {peak >> 20} MB of {MemoryLimit >> 20}; rows written and read again {again}, and {kills * InFlight} in flight at most, of {rows}",
        });
        Assert.Equal((rows, 0), (delivered, outOfPlace));
        Assert.InRange(peak, 1, MemoryLimit);
        Assert.InRange(again + (kills * InFlight), 0, rows);
    }

    // The ordinal in the checkpoint: how far inside the transaction a host that starts now goes on.
    static long Progress(Workspace workspace)
    {
        var parts = CheckpointFile.Newest(workspace.Combine("state")).Split('/');
        return parts.Length > 2 ? long.Parse(parts[2], NumberStyles.HexNumber, CultureInfo.InvariantCulture) : 0;
    }

    // The ordinal in the last whole line of the file.
    static long LastWhole(string file)
    {
        const string mark = "\"index\":";
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Seek(-Math.Min(stream.Length, 4096), SeekOrigin.End);
        using var reader = new StreamReader(stream);
        var text = reader.ReadToEnd();
        var line = text[..text.LastIndexOf('\n')].Split('\n')[^1];
        var at = line.IndexOf(mark, StringComparison.Ordinal) + mark.Length;
        return long.Parse(line.AsSpan(at, line.IndexOf(',', at) - at), CultureInfo.InvariantCulture);
    }

    // Each row once and in its place.
    static int Count(string file, out int outOfPlace)
    {
        const string mark = "\"after\":{\"id\":";
        var (count, wrong) = (0, 0);
        foreach (var line in File.ReadLines(file))
        {
            var at = line.IndexOf(mark, StringComparison.Ordinal) + mark.Length;
            var id = int.Parse(line.AsSpan(at, line.IndexOf('}', at) - at), CultureInfo.InvariantCulture);
            wrong += id == ++count ? 0 : 1;
        }

        outOfPlace = wrong;
        return count;
    }

    static bool Exists(NpgsqlDataSource database, string sql)
    {
        using var command = database.CreateCommand(sql);
        return command.ExecuteScalar() is not null;
    }

    static void Execute(NpgsqlDataSource database, string sql)
    {
        using var command = database.CreateCommand(sql);
        command.CommandTimeout = 600;
        command.ExecuteNonQuery();
    }

    static string Config(PostgresServer postgres) =>
        $$"""
        {
          "pipelines": {
            "huge": {
              "sources": {
                "db": {
                  "type": "postgres-wal",
                  "config": {
                    "connectionString": "{{postgres.ConnectionStringWithoutPassword}}", "password": "secret",
                    "slot": "huge", "publication": "huge", "tables": ["public.huge"]
                  }
                }
              },
              "sinks": { "files": { "type": "file", "config": { "path": "./out/{subject}.jsonl" } } }
            }
          }
        }
        """;
}
