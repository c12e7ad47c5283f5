using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Npgsql;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests;

/// <summary>PostgreSQL with two tables that every transaction of the load changes, and a pipeline that writes a file per table.</summary>
sealed partial class WalToFile : IDisposable
{
    const int Rows = 200;
    const string Pipeline = "ledger";

    readonly TempDirectory _directory = new("e2e");
    readonly PostgresServer _postgres = PostgresServer.Start();

    public WalToFile()
    {
        foreach (var table in Tables)
        {
            Execute($"CREATE TABLE {table} (id int PRIMARY KEY, n int NOT NULL); INSERT INTO {table} SELECT id, 0 FROM generate_series(1, {Rows}) id");
        }

        // The witness: PostgreSQL's own decoding of the same changes, in commit order.
        Execute("SELECT pg_create_logical_replication_slot('witness', 'test_decoding')");
        File.WriteAllText(ConfigFile, Config());
    }

    public static string[] Tables { get; } = ["accounts", "entries"];

    public string ConfigFile => _directory.Combine("penstock.json");

    public HostRun StartHost() => HostRun.Start("run", "-c", ConfigFile);

    public HostRun StartLoad(int transactions, int clients = 8)
    {
        var script = _directory.Combine("load.sql");
        var updates = Tables.Select(table => $"UPDATE {table} SET n = n + 1 WHERE id = :id;\n");
        File.WriteAllText(script, $"\\set id random(1, {Rows})\nBEGIN;\n{string.Concat(updates)}COMMIT;\n");
        return HostRun.StartAs(
            "/usr/bin/env",
            ["PGPASSWORD=secret", Path.Combine(_postgres.BinDirectory, "pgbench"), "-n", "-h", "127.0.0.1",
                "-p", _postgres.Port.ToString(CultureInfo.InvariantCulture), "-U", "postgres", "-c", $"{clients}", "-j", "2",
                "-t", (transactions / clients).ToString(CultureInfo.InvariantCulture), "-f", script, "postgres"]);
    }

    public Task SlotAsync() => Eventually.HoldsAsync(
        () => (long)Scalar("SELECT count(*) FROM pg_replication_slots WHERE active AND plugin = 'pgoutput'") == 1, "the slot is in use");

    public long BytesOf(string table) => File.Exists(FileOf(table)) ? new FileInfo(FileOf(table)).Length : 0;

    public int CountLines(string table) => File.Exists(FileOf(table)) ? File.ReadAllBytes(FileOf(table)).Count(b => b == '\n') : 0;

    /// <summary>The whole lines of a table's file, in order.</summary>
    public List<Delivered> LinesOf(string table) => [.. WholeLines.Of(FileOf(table)).Select(Parse)];

    /// <summary>What the database committed to a table, in commit order.</summary>
    public ILookup<string, (int Id, int N)> Committed()
    {
        using var connection = Open();
        using var command = new NpgsqlCommand("SELECT data FROM pg_logical_slot_peek_changes('witness', NULL, NULL)", connection);
        using var reader = command.ExecuteReader();
        var changes = new List<(string Table, (int Id, int N) Row)>();
        while (reader.Read())
        {
            if (Change().Match(reader.GetString(0)) is { Success: true } match)
            {
                changes.Add((match.Groups["table"].Value, (Number(match.Groups["id"]), Number(match.Groups["n"]))));
            }
        }

        return changes.ToLookup(change => change.Table, change => change.Row);
    }

    /// <summary>Whether a host that starts now knows where it was.</summary>
    public bool HasCheckpoint => CheckpointFile.Generations(_directory.Combine("state")).Count > 0;

    /// <summary>How many lines lie above the checkpoint on disk: the source sends them again to a host that starts now.</summary>
    public int LinesAboveCheckpoint()
    {
        var checkpoint = CheckpointFile.Newest(_directory.Combine("state"));
        return Tables.Sum(table => LinesOf(table).Count(line => string.CompareOrdinal(line.Position, checkpoint) > 0));
    }

    public void Dispose()
    {
        _postgres.Dispose();
        _directory.Dispose();
    }

    string FileOf(string table) => _directory.Combine("out", $"public.{table}.jsonl");

    object Scalar(string sql)
    {
        using var connection = Open();
        using var command = new NpgsqlCommand(sql, connection);
        return command.ExecuteScalar()!;
    }

    void Execute(string sql)
    {
        using var connection = Open();
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    NpgsqlConnection Open()
    {
        var connection = new NpgsqlConnection(_postgres.ConnectionString);
        connection.Open();
        return connection;
    }

    static int Number(Group digits) => int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture);

    static Delivered Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        var root = document.RootElement;
        var row = root.GetProperty("after");
        return new Delivered(
            root.GetProperty("id").GetString()!, root.GetProperty("position").GetString()!, row.GetProperty("id").GetInt32(), row.GetProperty("n").GetInt32());
    }

    // Longer than the file sink needs for many batches, so that a kill leaves something that is sent again.
    string Config() =>
        $$"""
        {
          "state": { "checkpointInterval": "250ms" },
          "pipelines": {
            "{{Pipeline}}": {
              "require": "effectively-once",
              "sources": {
                "db": {
                  "type": "postgres-wal",
                  "config": {
                    "connectionString": "{{_postgres.ConnectionStringWithoutPassword}}",
                    "password": "secret",
                    "slot": "penstock_e2e",
                    "publication": "penstock_e2e",
                    "tables": [{{string.Join(", ", Tables.Select(table => $"\"public.{table}\""))}}]
                  }
                }
              },
              "sinks": { "files": { "type": "file", "config": { "path": "./out/{subject}.jsonl" } } }
            }
          }
        }
        """;

    [GeneratedRegex(@"^table public\.(?<table>\w+): UPDATE: id\[integer\]:(?<id>\d+) n\[integer\]:(?<n>\d+)$")]
    private static partial Regex Change();
}
