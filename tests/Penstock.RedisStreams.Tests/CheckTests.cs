using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Penstock.Redis;
using Penstock.TestServers;

namespace Penstock.RedisStreams.Tests;

/// <summary>What <c>penstock check</c> says of the source and of the sink.</summary>
public sealed class CheckTests
{
    const string AllRights = "+multi +exec +discard +info +config|get +xinfo +client|unblock +xgroup +xreadgroup +xack +xautoclaim +xadd +xread +ping +hello";

    [Fact]
    public async Task Rights_are_asked_for_one_by_one_and_the_line_that_grants_the_missing_ones_mends_it()
    {
        await using var server = await RedisServer.StartAsync(new() { ExtraLines = [$"user cdc on >pw ~other +multi +exec +discard +info +config|get +xreadgroup +hello"] });
        using var redis = new PlainRedis(server.Port);

        var problem = Assert.Single(await CheckSourceAsync(server, "cdc"), finding => finding.Level == CheckLevel.Problem);

        Assert.Equal(
            $"at {server.Endpoint} user \"cdc\" may not make the group (XGROUP orders), nor read entries (XREADGROUP orders), nor acknowledge entries (XACK orders), "
            + string.Join(", ", from command in (string[])["XAUTOCLAIM", "XCLAIM", "XPENDING", "XRANGE", "EVAL", "EVALSHA"] select $"nor take over entries, and keep its own ({command} orders)"),
            problem.Text);
        Assert.Equal("ACL SETUSER cdc +xgroup|create ~orders +xack +xautoclaim +xclaim +xpending +xrange +eval +evalsha", problem.Remedy);

        redis.Send(problem.Remedy!.Split(' '));
        var after = await CheckSourceAsync(server, "cdc");
        Assert.DoesNotContain(after, finding => finding.Level == CheckLevel.Problem);
        var wished = Assert.Single(after, finding => finding.Text.Contains("may not", StringComparison.Ordinal));
        Assert.Equal((CheckLevel.Warning, "ACL SETUSER cdc +xinfo|stream +xinfo|groups +client|unblock"), (wished.Level, wished.Remedy));

        redis.Send(wished.Remedy!.Split(' '));
        Assert.DoesNotContain(await CheckSourceAsync(server, "cdc"), finding => finding.Text.Contains("may not", StringComparison.Ordinal));
        Assert.Equal(0L, redis.Send("EXISTS", "orders"));
    }

    [Fact]
    public async Task Each_job_of_the_source_has_rights_of_its_own()
    {
        await using var server = await RedisServer.StartAsync(new() { ExtraLines = [$"user cdc on >pw ~orders {AllRights} -xautoclaim"] });
        using var redis = new PlainRedis(server.Port);
        Sources.RedisStreams.RedisStreamsOptions options = new()
        {
            Connection = Connection(server, "cdc"),
            Streams = ["orders"],
            Group = "g",
            Ordered = true,
            Delay = TimeSpan.FromSeconds(1),
            DeadLetterStream = "letters",
            Trim = new(),
        };

        var problem = Assert.Single(await CheckSourceAsync(options), finding => finding.Level == CheckLevel.Problem);

        Assert.Equal(
            "ACL SETUSER cdc +xpending +xautoclaim +eval ~penstock:lease:* +evalsha +get +set +incr +pexpire +del ~letters +time +xrange +xtrim +exists +hgetall ~penstock:readers:*",
            problem.Remedy);
        redis.Send(problem.Remedy!.Split(' '));
        Assert.DoesNotContain(await CheckSourceAsync(options), finding => finding.Text.Contains("may not", StringComparison.Ordinal));
        Assert.Equal(0L, redis.Send("DBSIZE"));
    }

    [Fact]
    public async Task A_user_without_MULTI_is_told_that_nothing_is_known_and_nothing_is_carried_out()
    {
        await using var server = await RedisServer.StartAsync(new() { ExtraLines = [$"user cdc on >pw ~* {AllRights} -multi"] });
        using var redis = new PlainRedis(server.Port);

        Assert.Contains(await CheckSourceAsync(server, "cdc"), finding => finding.Remedy == "ACL SETUSER cdc +multi +discard");
        Assert.Equal(0L, redis.Send("EXISTS", "orders"));
    }

    [Fact]
    public async Task Settings_that_lose_data_are_warned_of()
    {
        await using var server = await RedisServer.StartAsync(new() { ExtraLines = ["maxmemory 512mb", "maxmemory-policy allkeys-lru"] });
        using var redis = new PlainRedis(server.Port);
        redis.Send("XADD", "orders", "*", "n", "1");

        var findings = await CheckSourceAsync(server);

        string[] expected = ["CONFIG SET maxmemory-policy noeviction", "CONFIG SET appendonly yes", "XADD … MAXLEN ~ n"];
        Assert.All(expected, remedy => Assert.Contains(
            findings, finding => finding.Level == CheckLevel.Warning && finding.Remedy!.Contains(remedy, StringComparison.Ordinal)));
        Assert.StartsWith($"Redis 7", findings[0].Text, StringComparison.Ordinal);

        redis.Send("CONFIG", "SET", "maxmemory-policy", "noeviction");
        redis.Send("CONFIG", "SET", "appendonly", "yes");
        redis.Send("XTRIM", "orders", "MAXLEN", "0");
        Assert.DoesNotContain(await CheckSourceAsync(server), finding => finding.Level != CheckLevel.Fact);
    }

    [Fact]
    public async Task A_key_of_another_type_is_a_problem()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        redis.Send("SET", "orders", "1");

        Assert.Contains(
            await CheckSourceAsync(server), finding => finding.Level == CheckLevel.Problem && finding.Text.StartsWith("key \"orders\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_the_server_does_not_tell_is_said_with_the_right_that_would()
    {
        await using var server = await RedisServer.StartAsync(new() { ExtraLines = [$"user cdc on >pw ~* {AllRights} +xclaim +xpending +xrange +eval +evalsha -info -config|get"] });

        var findings = await CheckSourceAsync(server, "cdc");

        Assert.Contains(findings, finding => finding.Level == CheckLevel.Warning && finding.Remedy == "ACL SETUSER cdc +info");
        Assert.DoesNotContain(findings, finding => finding.Level == CheckLevel.Problem);
    }

    [Fact]
    public async Task The_sink_needs_its_replicas_and_its_rights_and_somebody_who_trims()
    {
        await using var server = await RedisServer.StartAsync(new() { AppendOnly = true, ExtraLines = ["user cdc on >pw ~other +multi +exec +discard +info +config|get +hello"] });

        var findings = await CheckSinkAsync(new() { Connection = Connection(server, "cdc"), Stream = "orders", WaitReplicas = 1 });

        Assert.Contains(findings, finding => finding.Level == CheckLevel.Problem && finding.Remedy == "ACL SETUSER cdc +xadd ~orders +wait");
        Assert.Contains(
            findings, finding => finding.Level == CheckLevel.Problem && finding.Text.StartsWith($"{server.Endpoint} has 0 replica(s), expected 1", StringComparison.Ordinal));
        Assert.Contains(findings, finding => finding.Level == CheckLevel.Warning && finding.Text.StartsWith("this sink trims nothing", StringComparison.Ordinal));

        var atomic = await CheckSinkAsync(new() { Connection = Connection(server, "cdc"), Stream = "orders", Atomic = true });
        Assert.Contains(
            atomic, finding => finding.Remedy == "ACL SETUSER cdc +xadd ~orders +evalsha ~penstock:positions:* +eval +hset +hget +hgetall");

        Assert.DoesNotContain(
            await CheckSinkAsync(new() { Connection = Connection(server), MaxLength = 1000 }), finding => finding.Level != CheckLevel.Fact);
    }

    [Fact]
    public async Task A_cluster_is_looked_at_server_by_server()
    {
        await using var cluster = await ClusterServers.StartAsync();
        using (var second = cluster.Client(cluster.Servers[1]))
        {
            second.Send("CONFIG", "SET", "maxmemory", "512mb");
            second.Send("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
        }

        var findings = await CheckSinkAsync(new()
        {
            Connection = new RedisConnectionOptions { Endpoints = [cluster.Servers[0].Endpoint], Topology = RedisTopology.Cluster },
        });

        Assert.Equal(3, findings.Count(finding => finding.Text.StartsWith("Redis 7", StringComparison.Ordinal)));
        Assert.StartsWith(
            cluster.Servers[1].Endpoint, Assert.Single(findings, finding => finding.Text.Contains("may evict", StringComparison.Ordinal)).Text, StringComparison.Ordinal);
    }

    static Task<IReadOnlyList<CheckFinding>> CheckSourceAsync(RedisServer server, string? user = null) => CheckSourceAsync(
        new() { Connection = Connection(server, user), Streams = ["orders"], Group = "g", ClaimIdle = TimeSpan.FromSeconds(10) });

    static Task<IReadOnlyList<CheckFinding>> CheckSourceAsync(Sources.RedisStreams.RedisStreamsOptions options) => CheckAsync(
        (report, meter, token) => new Sources.RedisStreams.RedisStreamsPlugin().CheckAsync(
            options,
            new SourceContext
            {
                Pipeline = "tests",
                Instance = "in",
                LoggerFactory = NullLoggerFactory.Instance,
                TimeProvider = TimeProvider.System,
                Meter = meter,
            },
            report,
            token));

    static Task<IReadOnlyList<CheckFinding>> CheckSinkAsync(Sinks.RedisStreams.RedisStreamsOptions options) => CheckAsync(
        (report, meter, token) => new Sinks.RedisStreams.RedisStreamsPlugin().CheckAsync(
            options,
            new SinkContext
            {
                Pipeline = "tests",
                Instance = "out",
                Lane = 0,
                LaneCount = 1,
                LoggerFactory = NullLoggerFactory.Instance,
                TimeProvider = TimeProvider.System,
                Meter = meter,
            },
            report,
            token));

    static async Task<IReadOnlyList<CheckFinding>> CheckAsync(Func<CheckReport, Meter, CancellationToken, ValueTask> check)
    {
        using var meter = new Meter("tests");
        var report = new CheckReport();
        await check(report, meter, TestContext.Current.CancellationToken);
        Assert.All(report.Findings, finding => Assert.DoesNotContain("pw", finding.Text + finding.Remedy, StringComparison.Ordinal));
        return report.Findings;
    }

    static RedisConnectionOptions Connection(RedisServer server, string? user = null) => new()
    {
        Endpoints = [server.Endpoint],
        User = user,
        Password = user is null ? default : new Secret("pw"),
    };
}
