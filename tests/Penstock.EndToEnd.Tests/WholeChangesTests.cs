using System.Text.Json;
using Npgsql;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests;

/// <summary>What concerns many rows at once: a TRUNCATE amid writes, transactions that are to stay whole.</summary>
public sealed class WholeChangesTests
{
    [Fact]
    [Trait("Scenario", "PG27")]
    public async Task A_truncate_with_cascade_amid_writes_over_four_lanes_leaves_what_the_tables_hold()
    {
        using var postgres = PostgresServer.Start();
        await using var redis = await RedisServer.StartAsync();
        await using var database = NpgsqlDataSource.Create(postgres.ConnectionString);
        await ExecuteAsync(database, "CREATE TABLE a (id int PRIMARY KEY, n int); CREATE TABLE b (id int PRIMARY KEY, n int, a int REFERENCES a)");
        using var workspace = new Workspace(Config(postgres, redis, "\"public.a\", \"public.b\"", "\"lanes\": 4", "\"stream\": \"cdc\""));
        using var host = await StartAsync(workspace, database);

        var writers = Enumerable.Range(0, 3).Select(async writer =>
        {
            for (var i = 0; i < 150; i++)
            {
                var id = (writer * 1000) + i;
                await ExecuteAsync(database, $"INSERT INTO a VALUES ({id}, 0); INSERT INTO b VALUES ({id}, 0, {id}); UPDATE a SET n = n + 1 WHERE id % 10 = {i % 10}");
            }
        }).ToList();
        for (var i = 0; writers.Exists(writer => !writer.IsCompleted); i++)
        {
            await ExecuteAsync(database, i % 2 == 0 ? "TRUNCATE a CASCADE" : "TRUNCATE a, b CASCADE");
        }

        await Task.WhenAll(writers);
        await ExecuteAsync(database, "INSERT INTO a VALUES (1000000, 1); INSERT INTO b VALUES (1000000, 1, 1000000)");
        using var client = new PlainRedis(redis.Port);
        await Eventually.HoldsAsync(() => client.Entries("cdc").Count(entry => entry.Fields["event"].Contains("\"id\":1000000,", StringComparison.Ordinal)) >= 2, "all is delivered");
        Assert.Equal(0, await host.TerminateAsync());

        var (state, truncates, outOfPlace) = Replay(client.Entries("cdc").Select(entry => entry.Fields["event"]));
        Assert.True(truncates > 4, $"{truncates} truncates");
        Assert.Equal(0, outOfPlace);
        foreach (var table in (string[])["a", "b"])
        {
            await using var command = database.CreateCommand($"SELECT coalesce(array_agg(id || '=' || n ORDER BY id), '{{}}') FROM {table}");
            Assert.Equal((string[])(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!, state[$"public.{table}"].Select(row => $"{row.Key}={row.Value}"));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task With_whole_transactions_a_sink_that_writes_a_batch_at_once_never_shows_a_part_of_one(bool isWhole)
    {
        const int rows = 37, transactions = 300;
        using var postgres = PostgresServer.Start();
        await using var redis = await RedisServer.StartAsync();
        await using var database = NpgsqlDataSource.Create(postgres.ConnectionString);
        await ExecuteAsync(database, "CREATE TABLE a (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int)");
        var whole = isWhole ? "true" : "false";
        using var workspace = new Workspace(Config(
            postgres, redis, "\"public.a\"", $"\"ordering\": \"source\", \"batch\": {{ \"maxEvents\": 50, \"wholeTransactions\": {whole} }}", "\"stream\": \"cdc\", \"atomic\": true"));
        using var host = await StartAsync(workspace, database);
        using var client = new PlainRedis(redis.Port);

        var writing = Task.Run(
            async () =>
            {
                for (var i = 0; i < transactions; i++)
                {
                    await ExecuteAsync(database, $"INSERT INTO a (n) SELECT {i} FROM generate_series(1, {rows})");
                }
            },
            TestContext.Current.CancellationToken);
        var (parts, length) = (0, 0L);
        await Eventually.HoldsAsync(
            () =>
            {
                length = client.Send("EXISTS", "cdc") is 1L ? client.SendForNumber("XLEN", "cdc") : 0;
                parts += length % rows == 0 ? 0 : 1;
                return length == rows * transactions;
            },
            "all is delivered");
        await writing;

        Assert.Equal(isWhole, parts == 0);
    }

    // Out of place is what comes on the wrong side of a truncate, also when a later one hides it.
    static (Dictionary<string, SortedDictionary<long, int>> State, int Truncates, int OutOfPlace) Replay(IEnumerable<string> events)
    {
        var state = new Dictionary<string, SortedDictionary<long, int>> { ["public.a"] = [], ["public.b"] = [] };
        var (truncates, outOfPlace) = (0, 0);
        var (furthest, barrier) = ("", "");
        foreach (var text in events)
        {
            using var json = JsonDocument.Parse(text);
            var rows = state[json.RootElement.GetProperty("subject").GetString()!];
            var position = json.RootElement.GetProperty("position").GetString()!;
            var isTruncate = json.RootElement.GetProperty("kind").GetString() == "truncate";
            outOfPlace += string.CompareOrdinal(position, isTruncate ? furthest : barrier) < 0 ? 1 : 0;
            furthest = string.CompareOrdinal(position, furthest) > 0 ? position : furthest;
            if (isTruncate)
            {
                barrier = position;
                truncates++;
                rows.Clear();
            }
            else
            {
                var row = json.RootElement.GetProperty("after");
                rows[row.GetProperty("id").GetInt64()] = row.GetProperty("n").GetInt32();
            }
        }

        return (state, truncates, outOfPlace);
    }

    static async Task<HostRun> StartAsync(Workspace workspace, NpgsqlDataSource database)
    {
        var host = HostRun.Start("run", "-c", workspace.ConfigFile);
        await Eventually.HoldsAsync(
            async () =>
            {
                await using var command = database.CreateCommand("SELECT count(*) FROM pg_replication_slots WHERE active");
                return (long)(await command.ExecuteScalarAsync())! == 1 || (host.HasExited ? throw new InvalidOperationException(host.Errors) : false);
            },
            "the slot is in use");
        return host;
    }

    static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        try
        {
            await using var command = database.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.ForeignKeyViolation)
        {
            // It is rolled back, so nothing of it may arrive.
        }
    }

    static string Config(PostgresServer postgres, RedisServer redis, string tables, string sink, string config) =>
        $$"""
        {
          "pipelines": {
            "p": {
              "sources": {
                "db": {
                  "type": "postgres-wal",
                  "config": {
                    "connectionString": "{{postgres.ConnectionStringWithoutPassword}}", "password": "secret",
                    "slot": "whole", "publication": "whole", "tables": [{{tables}}]
                  }
                }
              },
              "sinks": {
                "stream": { "type": "redis-streams", {{sink}}, "config": { "connection": { "endpoints": ["{{redis.Endpoint}}"] }, {{config}} } }
              }
            }
          }
        }
        """;
}
