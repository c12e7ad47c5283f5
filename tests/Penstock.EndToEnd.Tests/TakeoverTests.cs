using System.Text.Json;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests;

/// <summary>Two hosts on one slot, each with a state directory and a sink of its own: the slot is what keeps them apart.</summary>
public sealed class TakeoverTests
{
    const int PositionLost = 4;

    [Fact]
    [Trait("Scenario", "PG14")]
    public async Task A_host_that_was_frozen_while_another_took_over_reads_nothing_newer_and_is_not_let_go_on_behind_it()
    {
        using var postgres = PostgresServer.Start("wal_sender_timeout = 2s");
        Sql.Run(postgres, "CREATE TABLE numbers (n int PRIMARY KEY)");
        using var firstPlace = new Workspace(Config(postgres));
        using var secondPlace = new Workspace(Config(postgres));
        using var first = HostRun.Start("run", "-c", firstPlace.ConfigFile);
        await Eventually.HoldsAsync(() => (long?)Sql.Run(postgres, "SELECT count(*) FROM pg_replication_slots WHERE active") == 1, "the first one reads");
        Insert(postgres, 1, 100);
        var settled = (string?)Sql.Run(postgres, "SELECT pg_current_wal_lsn()::text");
        await Eventually.HoldsAsync(
            () => (long?)Sql.Run(postgres, $"SELECT count(*) FROM pg_replication_slots WHERE confirmed_flush_lsn >= '{settled}'") == 1, "what the first one delivered is confirmed");
        using var second = HostRun.Start("run", "-c", secondPlace.ConfigFile);
        await second.LogsAsync("is read by");

        // As by a debugger or a host of virtual machines; it does not know when it goes on.
        first.Freeze();
        Insert(postgres, 101, 200);
        await Eventually.HoldsAsync(() => Numbers(secondPlace).LastOrDefault() == 200, "the second one took over");
        first.Thaw();
        await first.LogsAsync("is read by");
        Insert(postgres, 201, 210);
        await Eventually.HoldsAsync(() => Numbers(secondPlace).LastOrDefault() == 210, "the second one goes on");

        // The slot is free again, and stands behind what the first one has.
        Assert.Equal(0, await second.TerminateAsync());
        Assert.Equal(PositionLost, await first.WaitAsync());
        Assert.Contains("read by somebody else", first.Errors, StringComparison.Ordinal);

        // What the server had sent it before it gave it up is in the network's buffers, and comes twice; nothing newer does.
        var numbers = Numbers(firstPlace);
        Assert.Equal(Enumerable.Range(1, numbers.Count), numbers);
        Assert.InRange(numbers.Count, 100, 200);
        Assert.Equal(Enumerable.Range(101, 110), Numbers(secondPlace));
    }

    static void Insert(PostgresServer postgres, int from, int to) => Sql.Run(postgres, $"INSERT INTO numbers SELECT generate_series({from}, {to})");

    static List<int> Numbers(Workspace workspace) => [.. WholeLines.Of(workspace.Combine("out", "public.numbers.jsonl")).Select(NumberOf)];

    static int NumberOf(string line)
    {
        using var json = JsonDocument.Parse(line);
        return json.RootElement.GetProperty("after").GetProperty("n").GetInt32();
    }

    static string Config(PostgresServer postgres) =>
        $$"""
        {
          "pipelines": {
            "p": {
              "sources": {
                "db": {
                  "type": "postgres-wal",
                  "config": {
                    "connectionString": "{{postgres.ConnectionStringWithoutPassword}}", "password": "secret",
                    "slot": "numbers", "publication": "numbers", "tables": ["public.numbers"]
                  }
                }
              },
              "sinks": { "file": { "type": "file", "config": { "path": "./out/{subject}.jsonl" } } }
            }
          }
        }
        """;
}
