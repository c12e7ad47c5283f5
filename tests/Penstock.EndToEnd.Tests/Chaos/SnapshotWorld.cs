using System.Globalization;
using System.Text.Json;
using Npgsql;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests.Chaos;

/// <summary>A table that is full before the host first starts, somebody who writes to it all the time, and a pipeline that reads it to a file.</summary>
sealed class SnapshotWorld : IDisposable
{
    const int MarkerId = -1;
    const string Table = "items";

    readonly TempDirectory _directory = new("e2e");
    readonly PostgresServer _postgres = PostgresServer.Start("max_wal_size = 8GB");
    readonly int _rows;

    public SnapshotWorld(int rows, int batch, string snapshot = "initial")
    {
        _rows = rows;
        Execute($"""
            CREATE SEQUENCE {Table}_n;
            CREATE TABLE {Table} (id int PRIMARY KEY, n bigint NOT NULL, note text NOT NULL);
            INSERT INTO {Table} SELECT id, nextval('{Table}_n'), 'a row that was there before' FROM generate_series(1, {rows}) id
            """);
        File.WriteAllText(ConfigFile, Config(batch, snapshot));
    }

    public string ConfigFile => _directory.Combine("penstock.json");

    /// <summary>Requests that no host has taken up, or not durably.</summary>
    public int Requests => Directory.Exists(_directory.Combine("state")) ? Directory.GetFiles(_directory.Combine("state"), "*.snapshot-request.*", SearchOption.AllDirectories).Length : 0;

    /// <summary>Rows in the file that were read from the table.</summary>
    public int Snapshots
    {
        get
        {
            if (!File.Exists(Output))
            {
                return 0;
            }

            using var file = new FileStream(Output, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(file);
            return reader.ReadToEnd().Split('\n').Count(line => line.Contains("\"kind\":\"snapshot\"", StringComparison.Ordinal));
        }
    }

    string Output => _directory.Combine("out", $"public.{Table}.jsonl");

    public long Bytes => File.Exists(Output) ? new FileInfo(Output).Length : 0;

    public HostRun StartHost() => HostRun.Start("run", "-c", ConfigFile);

    public Task SlotAsync() => Eventually.HoldsAsync(
        () => (long)Scalar("SELECT count(*) FROM pg_replication_slots WHERE active") == 1, "the slot is in use");

    /// <summary>Changes, removes and adds rows at this rate until it is told to end.</summary>
    /// <returns>How many statements it ran.</returns>
    public async Task<long> WriteAsync(int perSecond, int seed, CancellationToken end)
    {
        const int ticksPerSecond = 50;
        var random = new Random(seed);
        var written = 0L;
        await using var connection = new NpgsqlConnection(_postgres.ConnectionString);
        await connection.OpenAsync(CancellationToken.None);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / ticksPerSecond));
        try
        {
            while (await timer.WaitForNextTickAsync(end))
            {
                await using var batch = new NpgsqlBatch(connection);
                for (var i = 0; i < perSecond / ticksPerSecond; i++)
                {
                    batch.BatchCommands.Add(Write(random));
                }

                await batch.ExecuteNonQueryAsync(CancellationToken.None);
                written += batch.BatchCommands.Count;
            }
        }
        catch (OperationCanceledException)
        {
            // Enough.
        }

        return written;
    }

    /// <summary>Writes a last row, and waits until it is in the file: then everything before it is, too.</summary>
    public async Task CatchUpAsync()
    {
        Execute($"INSERT INTO {Table} VALUES ({MarkerId}, nextval('{Table}_n'), 'the last')");
        await Eventually.HoldsAsync(() => Tail().Contains($"\"id\":{MarkerId},", StringComparison.Ordinal), "the last row is in the file", TimeSpan.FromMinutes(5));
    }

    /// <summary>Applies the file, line by line, and compares.</summary>
    public SnapshotVerdict Judge()
    {
        var (rows, seen, read) = (new Dictionary<int, long>(), new Dictionary<int, long>(), new HashSet<int>());
        var (snapshots, doubles, back) = (0, 0, 0);
        foreach (var line in File.ReadLines(Output))
        {
            using var json = JsonDocument.Parse(line);
            var id = json.RootElement.GetProperty("key").GetProperty("id").GetInt32();
            if (json.RootElement.GetProperty("kind").GetString() == "snapshot")
            {
                snapshots++;
                doubles += read.Add(id) ? 0 : 1;
            }

            if (json.RootElement.GetProperty("after") is { ValueKind: JsonValueKind.Object } after)
            {
                var n = after.GetProperty("n").GetInt64();
                back += n < seen.GetValueOrDefault(id) ? 1 : 0;
                rows[id] = seen[id] = n;
            }
            else
            {
                rows.Remove(id);
            }
        }

        return new SnapshotVerdict(snapshots, doubles, back, Differences(rows));
    }

    public void Dispose()
    {
        _postgres.Dispose();
        _directory.Dispose();
    }

    NpgsqlBatchCommand Write(Random random)
    {
        var sql = random.Next(10) switch
        {
            0 => $"DELETE FROM {Table} WHERE id = $1",
            1 => $"INSERT INTO {Table} VALUES ($1, nextval('{Table}_n'), 'added') ON CONFLICT (id) DO UPDATE SET n = nextval('{Table}_n')",
            _ => $"UPDATE {Table} SET n = nextval('{Table}_n') WHERE id = $1",
        };
        return new NpgsqlBatchCommand(sql) { Parameters = { new() { Value = random.Next(1, _rows + 1) } } };
    }

    int Differences(Dictionary<int, long> rows)
    {
        using var connection = new NpgsqlConnection(_postgres.ConnectionString);
        connection.Open();
        using var command = new NpgsqlCommand($"SELECT id, n FROM {Table}", connection);
        using var reader = command.ExecuteReader();
        var different = 0;
        while (reader.Read())
        {
            different += rows.Remove(reader.GetInt32(0), out var n) && n == reader.GetInt64(1) ? 0 : 1;
        }

        return different + rows.Count;
    }

    string Tail()
    {
        using var file = new FileStream(Output, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Seek(-Math.Min(file.Length, 4096), SeekOrigin.End);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }

    object Scalar(string sql)
    {
        using var connection = new NpgsqlConnection(_postgres.ConnectionString);
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        return command.ExecuteScalar()!;
    }

    void Execute(string sql)
    {
        using var connection = new NpgsqlConnection(_postgres.ConnectionString);
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        command.ExecuteNonQuery();
    }

    string Config(int batch, string snapshot) =>
        $$"""
        {
          "pipelines": {
            "stock": {
              "sources": {
                "db": {
                  "type": "postgres-wal",
                  "config": {
                    "connectionString": "{{_postgres.ConnectionStringWithoutPassword}}",
                    "password": "secret",
                    "slot": "penstock_e2e",
                    "publication": "penstock_e2e",
                    "tables": ["public.{{Table}}"],
                    "snapshot": "{{snapshot}}"
                  }
                }
              },
              "sinks": {
                "files": {
                  "type": "file",
                  "config": { "path": "./out/{subject}.jsonl" },
                  "batch": { "maxEvents": {{batch.ToString(CultureInfo.InvariantCulture)}} }
                }
              }
            }
          }
        }
        """;
}
