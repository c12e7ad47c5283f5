using System.Text.RegularExpressions;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests;

/// <summary>A row that went through a Redis stream is the row that came out of the database.</summary>
public sealed partial class WrittenEventTests
{
    const int Changes = 7;

    [Fact]
    public async Task The_detour_through_a_stream_changes_nothing_but_the_origin()
    {
        using var postgres = PostgresServer.Start();
        await using var redis = await RedisServer.StartAsync();
        Sql.Run(
            postgres,
            "CREATE TABLE things (id bigint, tenant text, note text, amount numeric, ratio float8, ok boolean, doc jsonb, raw bytea, at timestamptz, "
                + "local timestamp, tags text[], PRIMARY KEY (tenant, id))");
        using var workspace = new Workspace(Config(postgres, redis));
        using var host = HostRun.Start("run", "-c", workspace.ConfigFile);
        await Eventually.HoldsAsync(() => Sql.Run(postgres, "SELECT count(*) FROM pg_replication_slots WHERE active") is 1L, "the slot is in use");

        Sql.Run(
            postgres,
            """
            INSERT INTO things VALUES (9007199254740993, 'a"b', 'x' || chr(10) || chr(8232), 1.10, 'NaN', true, '{"k": [1, null, "\u00e9"]}',
              '\x00ff', '2026-11-20 21:14:00.123456+02', '2026-11-20 21:14:00', '{a,"b c",NULL}')
            """);
        Sql.Run(
            postgres,
            """
            INSERT INTO things VALUES (2, 't', (SELECT string_agg(md5(n::text), '') FROM generate_series(1, 2000) n), 'NaN', -0.5, NULL, 'null',
              NULL, 'infinity', '0044-03-15 BC', '{}')
            """);
        Sql.Run(postgres, "UPDATE things SET amount = 2 WHERE id = 2");
        Sql.Run(postgres, "UPDATE things SET tenant = 'u' WHERE id = 2");
        Sql.Run(postgres, "DELETE FROM things WHERE id = 2");
        Sql.Run(postgres, "TRUNCATE things");

        await Eventually.HoldsAsync(() => Lines("detour").Length == Changes && Lines("direct").Length == Changes, "both files have every change");
        Assert.Equal(0, await host.TerminateAsync());

        Assert.NotEqual(Lines("direct"), Lines("detour"));
        Assert.Equal(Lines("direct").Select(WithoutOrigin), Lines("detour").Select(WithoutOrigin));

        string[] Lines(string folder) => workspace.Combine(folder, "public.things.jsonl") is var file && File.Exists(file) ? File.ReadAllLines(file) : [];
    }

    static string WithoutOrigin(string line) => Origin().Replace(line, "");

    static string Config(PostgresServer postgres, RedisServer redis) =>
        $$"""
        {
          "pipelines": {
            "first": {
              "sources": {
                "db": {
                  "type": "postgres-wal",
                  "config": {
                    "connectionString": "{{postgres.ConnectionStringWithoutPassword}}", "password": "secret",
                    "slot": "penstock_e2e", "publication": "penstock_e2e", "tables": ["public.things"]
                  }
                }
              },
              "sinks": {
                "file": { "type": "file", "config": { "path": "./direct/{subject}.jsonl" } },
                "stream": { "type": "redis-streams", "config": { "connection": { "endpoints": ["{{redis.Endpoint}}"] }, "stream": "things" } }
              }
            },
            "second": {
              "sources": {
                "stream": { "type": "redis-streams", "config": { "connection": { "endpoints": ["{{redis.Endpoint}}"] }, "streams": ["things"], "group": "g" } }
              },
              "sinks": { "file": { "type": "file", "config": { "path": "./detour/{subject}.jsonl" } } }
            }
          }
        }
        """;

    [GeneratedRegex("\"(id\":\"(first|second)/[^\"]*|source\":\"(db|stream)|delivery\":\"[^\"]*|position\":\"[^\"]*)\",")]
    private static partial Regex Origin();
}
