using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests.Admin;

/// <summary>Each cause, brought about for real, turns the health of its pipeline and of no other, and what is mended turns it back.</summary>
public sealed class HealthTests
{
    [Fact]
    public async Task A_source_whose_server_is_away_is_the_cause_and_healthy_again_without_a_single_event()
    {
        using var postgres = PostgresServer.Start();
        await using var redis = await RedisServer.StartAsync();
        Sql.Run(postgres, "CREATE TABLE t (id int PRIMARY KEY)");
        await using var world = await HealthWorld.StartAsync(redis, Table(postgres, "t"), """{ "type": "discard" }""");
        await world.Admin.ReadyAsync();
        await world.Admin.TurnsAsync("spoiled", "healthy");
        var before = DateTimeOffset.UtcNow.AddSeconds(-1);

        postgres.StopImmediate();
        var source = AdminClient.Cause(await world.Admin.TurnsAsync("spoiled", "degraded", "source"), "source");

        Assert.Equal("from", $"{source["source"]}");
        Assert.Null(source["sink"]);
        Assert.NotEmpty($"{source["reason"]}");
        Assert.DoesNotContain("secret", $"{source}", StringComparison.Ordinal);
        Assert.InRange(DateTimeOffset.Parse($"{source["since"]}", CultureInfo.InvariantCulture), before, DateTimeOffset.UtcNow);
        Assert.Contains("penstock_healthy{pipeline=\"spoiled\"} 0", await world.Admin.MetricsAsync(), StringComparison.Ordinal);

        postgres.Start();
        await world.Admin.TurnsAsync("spoiled", "healthy");
        Assert.Contains("penstock_healthy{pipeline=\"spoiled\"} 1", await world.Admin.MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_whose_server_hangs_is_the_cause()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var frozen = await RedisServer.StartAsync();
        await using var world = await HealthWorld.StartAsync(redis, HealthWorld.BusySource(frozen), """{ "type": "discard" }""");
        await world.Admin.ReadyAsync();
        await world.Admin.TurnsAsync("spoiled", "healthy");

        frozen.Freeze();
        var source = AdminClient.Cause(await world.Admin.TurnsAsync("spoiled", "degraded", "source"), "source");
        Assert.Contains(frozen.Endpoint, $"{source["reason"]}", StringComparison.Ordinal);

        frozen.Thaw();
        await world.Admin.TurnsAsync("spoiled", "healthy");
    }

    [Fact]
    public async Task A_sink_that_hangs_is_the_cause_and_so_is_one_that_fails()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var target = await RedisServer.StartAsync();
        await using var world = await HealthWorld.StartAsync(redis, HealthWorld.BusySource(redis), Sink(target.Endpoint));
        await world.Admin.ReadyAsync();

        target.Freeze();
        var hanging = AdminClient.Cause(await world.Admin.TurnsAsync("spoiled", "degraded", "sink"), "sink");
        Assert.Equal(("to", "0", "the sink has not come back from a write"), ($"{hanging["sink"]}", $"{hanging["lane"]}", $"{hanging["reason"]}"));

        target.Thaw();
        await world.Admin.TurnsAsync("spoiled", "healthy");

        target.Kill();
        var failing = AdminClient.Cause(await world.Admin.TurnsAsync("spoiled", "degraded", "sink"), "sink");
        Assert.Contains(target.Endpoint, $"{failing["reason"]}", StringComparison.Ordinal);

        await target.RestartAsync();
        await world.Admin.TurnsAsync("spoiled", "healthy");
    }

    [Fact]
    public async Task A_sink_that_takes_less_than_comes_in_makes_the_queue_the_cause()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var proxy = new TcpProxy(redis.Port);
        await using var world = await HealthWorld.StartAsync(
            redis, HealthWorld.BusySource(redis), Sink(proxy.Endpoint, """ "batch": { "maxEvents": 2 }, """), stalledAfter: "2s");
        await world.Admin.ReadyAsync();

        // Every write comes back after less than the limit, and two of them take longer.
        proxy.Delay = TimeSpan.FromMilliseconds(700);
        var queue = await world.Admin.TurnsAsync("spoiled", "degraded", "queue");
        Assert.Equal(("from", "to", "0"), ($"{AdminClient.Cause(queue, "queue")["source"]}", $"{AdminClient.Cause(queue, "queue")["sink"]}", $"{AdminClient.Cause(queue, "queue")["lane"]}"));
        Assert.Single(queue["causes"]!.AsArray());

        proxy.Delay = TimeSpan.Zero;
        await world.Admin.TurnsAsync("spoiled", "healthy");
    }

    [Fact]
    public async Task A_state_directory_that_is_full_makes_the_store_the_cause()
    {
        using var disk = new FullDisk();
        await using var redis = await RedisServer.StartAsync();
        // What is idle writes no checkpoint and stays healthy; what is busy is rightly degraded, too.
        await using var world = await HealthWorld.StartAsync(redis, HealthWorld.BusySource(redis), """{ "type": "discard" }""", state: disk.Path);
        await world.Admin.ReadyAsync();
        await Eventually.HoldsAsync(() => Directory.GetFiles(Path.Combine(disk.Path, "idle"), "*.checkpoint.?").Length == 2, "the idle one has nothing more to write");

        var body = await EventuallyAsync(world.Admin, 503, disk.Fill);
        var causes = body["pipelines"]!.AsArray().ToDictionary(each => $"{each!["pipeline"]}", each => each!["causes"]!.AsArray().Select(cause => $"{cause!["cause"]}").ToArray());
        Assert.True(causes["spoiled"] is ["store"], $"{body}");
        Assert.Empty(causes["idle"]);
        var store = AdminClient.Cause(body["pipelines"]!.AsArray().First(each => $"{each!["pipeline"]}" == "spoiled")!, "store");
        Assert.Contains("No space left on device", $"{store["reason"]}", StringComparison.Ordinal);
        Assert.Equal("from", $"{store["source"]}");

        disk.MakeRoom();
        await EventuallyAsync(world.Admin, 200, () => { });
    }

    [Fact]
    public async Task A_pipeline_that_stopped_is_failed_while_the_others_run()
    {
        using var postgres = PostgresServer.Start();
        await using var redis = await RedisServer.StartAsync();
        await using var world = await HealthWorld.StartAsync(redis, Table(postgres, "nowhere"), """{ "type": "discard" }""");

        var failed = await world.Admin.TurnsAsync("spoiled", "failed");

        Assert.Equal("failed", $"{failed["state"]}");
        Assert.Contains("nowhere", $"{failed["reason"]}", StringComparison.Ordinal);
        var (status, ready) = await world.Admin.GetAsync("/ready");
        Assert.Equal(503, status);
        Assert.Contains("nowhere", $"{ready["awaits"]![0]!["reason"]}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_host_is_ready_once_every_sink_is_open_and_says_what_it_awaits_until_then()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var target = await RedisServer.StartAsync();
        target.Kill();
        await using var world = await HealthWorld.StartAsync(redis, HealthWorld.BusySource(redis), Sink(target.Endpoint));

        await Eventually.HoldsAsync(
            async () => await world.Admin.GetAsync("/ready") is (503, var body)
                && body["awaits"]!.AsArray().Any(awaited =>
                    ($"{awaited!["pipeline"]}", $"{awaited["sink"]}", $"{awaited["lane"]}") == ("spoiled", "to", "0")
                    && $"{awaited["reason"]}".Contains(target.Endpoint, StringComparison.Ordinal)),
            "the sink is awaited, with its last failure");
        await world.Admin.TurnsAsync("spoiled", "degraded", "sink");

        await target.RestartAsync();
        await world.Admin.ReadyAsync();
        await world.Admin.TurnsAsync("spoiled", "healthy");
        Assert.Equal(0, await world.Host.TerminateAsync());
    }

    static async Task<JsonNode> EventuallyAsync(AdminClient admin, int status, Action beforeEach)
    {
        var clock = Stopwatch.StartNew();
        (int Status, JsonNode Body) answer = (0, new JsonObject());
        await Eventually.HoldsAsync(
            async () =>
            {
                beforeEach();
                answer = await admin.GetAsync("/health");
                // The two that write become degraded one after the other.
                return answer.Status == status && (status == 200 || answer.Body["pipelines"]!.AsArray().Count(each => $"{each!["status"]}" == "degraded") == 2);
            },
            $"/health answers {status}",
            TimeSpan.FromSeconds(30));
        TestContext.Current.TestOutputHelper?.WriteLine($"/health answered {status} after {clock.Elapsed.TotalSeconds:0.0} s");
        return answer.Body;
    }

    static string Sink(string endpoint, string options = "") =>
        $$"""
        {
          "type": "redis-streams", {{options}}
          "retry": { "initialDelay": "50ms", "maxDelay": "500ms" },
          "config": { "connection": { "endpoints": ["{{endpoint}}"] }, "stream": "out" }
        }
        """;

    static string Table(PostgresServer postgres, string table) =>
        $$"""
        {
          "type": "postgres-wal",
          "config": {
            "connectionString": "{{postgres.ConnectionStringWithoutPassword}}", "password": "secret",
            "slot": "health", "publication": "health", "tables": ["public.{{table}}"]
          }
        }
        """;
}
