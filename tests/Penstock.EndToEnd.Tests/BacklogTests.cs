using System.Globalization;
using Npgsql;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests;

/// <summary>A gigabyte waits in PostgreSQL while the sink's server is frozen.</summary>
public sealed class BacklogTests
{
    const long Backlog = 1L << 30;
    const int RowBytes = 8192;
    const long Limit = 256 << 20;

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_backlog_of_a_gigabyte_before_a_stuck_sink_leaves_the_host_below_256_megabytes()
    {
        using var postgres = PostgresServer.Start();
        await using var redis = await RedisServer.StartAsync();
        await using var database = NpgsqlDataSource.Create(postgres.ConnectionString);
        Execute(database, "CREATE TABLE big (id bigserial PRIMARY KEY, body text NOT NULL)");
        using var bounded = new Workspace(Config(postgres, redis, inFlight: "{}"));
        using var host = HostRun.Start("run", "-c", bounded.ConfigFile);
        await Eventually.HoldsAsync(() => (long)Scalar(database, "SELECT count(*) FROM pg_replication_slots WHERE active") == 1, "the slot is in use");
        redis.Freeze();

        // It compresses well on disk; what the host is sent is not compressed.
        for (var batch = 0; batch < 128; batch++)
        {
            Execute(database, $"INSERT INTO big (body) SELECT repeat(md5(i::text), {RowBytes / 32}) FROM generate_series(1, {Backlog / RowBytes / 128}) i");
        }

        Assert.Equal(Backlog, (long)Scalar(database, "SELECT sum(length(body)) FROM big"));
        await StandsStillAsync(database);
        var peak = host.PeakMemory;
        Assert.InRange(peak, 1, Limit);

        using var redisClient = new PlainRedis(redis.Port);
        redis.Thaw();
        await Eventually.HoldsAsync(() => redisClient.Send("EXISTS", "cdc") is 1L && redisClient.SendForNumber("XLEN", "cdc") > 20_000, "the sink goes on", Patience);
        Assert.InRange(host.PeakMemory, peak, Limit);
        host.Kill();

        // The measure sees a host without a bound.
        using var unbounded = new Workspace(Config(
            postgres, redis, """{ "maxEvents": 10000000, "maxBytes": "16GiB" }""", batchBytes: "1GiB", batchEvents: 100_000, slot: "unbounded"));
        using var greedy = HostRun.Start("run", "-c", unbounded.ConfigFile);
        await Eventually.HoldsAsync(() => (long)Scalar(database, "SELECT count(*) FROM pg_replication_slots WHERE slot_name = 'unbounded' AND active") == 1, "the slot is in use");
        redis.Freeze();
        Execute(database, $"INSERT INTO big (body) SELECT repeat(md5(i::text), {RowBytes / 32}) FROM generate_series(1, 65536) i");
        await Eventually.HoldsAsync(() => greedy.PeakMemory > Limit, "an unbounded host grows beyond the limit", Patience);
        greedy.Kill();
        redis.Thaw();
    }

    // Nothing more is sent because nothing more is read.
    static async Task StandsStillAsync(NpgsqlDataSource database)
    {
        var (last, still) = ("", 0);
        await Eventually.HoldsAsync(
            () =>
            {
                var sent = (string)Scalar(database, "SELECT sent_lsn::text FROM pg_stat_replication");
                still = sent == last ? still + 1 : 0;
                last = sent;
                return still >= 40;
            },
            "the server has nothing more to send, or cannot",
            Patience);
    }

    static object Scalar(NpgsqlDataSource database, string sql)
    {
        using var command = database.CreateCommand(sql);
        return command.ExecuteScalar()!;
    }

    static void Execute(NpgsqlDataSource database, string sql)
    {
        using var command = database.CreateCommand(sql);
        command.CommandTimeout = 120;
        command.ExecuteNonQuery();
    }

    static string Config(PostgresServer postgres, RedisServer redis, string inFlight, string batchBytes = "4MiB", int batchEvents = 1000, string slot = "backlog") =>
        $$"""
        {
          "pipelines": {
            "big": {
              "sources": {
                "db": {
                  "type": "postgres-wal",
                  "inFlight": {{inFlight}},
                  "config": {
                    "connectionString": "{{postgres.ConnectionStringWithoutPassword}}", "password": "secret",
                    "slot": "{{slot}}", "publication": "{{slot}}", "tables": ["public.big"]
                  }
                }
              },
              "sinks": {
                "stream": {
                  "type": "redis-streams",
                  "lanes": 4,
                  "batch": { "maxEvents": {{batchEvents.ToString(CultureInfo.InvariantCulture)}}, "maxBytes": "{{batchBytes}}" },
                  "config": { "connection": { "endpoints": ["{{redis.Endpoint}}"] }, "stream": "cdc" }
                }
              }
            }
          }
        }
        """;
}
