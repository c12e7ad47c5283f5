using Penstock.Redis;
using Penstock.Sources.RedisKeyspace;
using Penstock.Sources.RedisPubSub;
using Penstock.TestServers;

namespace Penstock.RedisPubSub.Tests;

/// <summary>What <c>penstock check</c> says of the two sources.</summary>
public sealed class CheckTests
{
    const string Looking = "+multi +exec +discard +info +config|get +hello +ping";

    [Fact]
    public async Task Each_kind_of_subscription_is_a_right_of_its_own_and_what_is_granted_mends_it()
    {
        await using var server = await RedisServer.StartAsync(new() { ExtraLines = [$"user app on >pw resetchannels &orders -@all {Looking} +subscribe"] });
        using var redis = new PlainRedis(server.Port);
        var options = new RedisPubSubOptions
        {
            Connection = Redis.Options(server, "app", "pw"),
            Channels = ["orders", "prices"],
            Patterns = ["log.*"],
            ShardedChannels = ["shard"],
            Canary = true,
        };

        var findings = await CheckAsync(options);

        var problem = Assert.Single(findings, finding => finding.Level == CheckLevel.Problem);
        Assert.Equal(
            $"at {server.Endpoint} user \"app\" may not listen (SUBSCRIBE prices), nor listen (PSUBSCRIBE log.*), nor listen (SSUBSCRIBE shard)", problem.Text);
        Assert.Equal("ACL SETUSER app &prices +psubscribe &log.* +ssubscribe &shard", problem.Remedy);
        var wished = Assert.Single(findings, finding => finding.Level == CheckLevel.Warning);
        Assert.Equal("ACL SETUSER app &penstock:canary:* +publish", wished.Remedy);

        redis.Send(problem.Remedy!.Split(' '));
        redis.Send(wished.Remedy!.Split(' '));
        Assert.DoesNotContain(await CheckAsync(options), finding => finding.Level != CheckLevel.Fact);
        Assert.Contains(findings, finding => finding.Text.Contains("disconnects a subscriber that is 32MiB behind, or 8MiB for 60 s", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Missing_flags_are_a_problem_at_the_primary_that_lacks_them()
    {
        await using var cluster = await ClusterServers.StartAsync();
        foreach (var server in cluster.Servers)
        {
            using var redis = cluster.Client(server);
            redis.Send("CONFIG", "SET", "notify-keyspace-events", server == cluster.Servers[2] ? "Kx" : "KA");
        }

        var findings = await CheckAsync(new RedisKeyspaceOptions
        {
            Connection = new RedisConnectionOptions { Endpoints = [cluster.Servers[0].Endpoint], Topology = RedisTopology.Cluster },
            Events = ["set", "expired"],
        });

        var problem = Assert.Single(findings, finding => finding.Level == CheckLevel.Problem);
        Assert.StartsWith($"Expected notify-keyspace-events at {cluster.Servers[2].Endpoint} to have the flags \"K$x\"", problem.Text, StringComparison.Ordinal);
        using var last = cluster.Client(cluster.Servers[2]);
        last.Send(problem.Remedy!.Split(',')[0].Split(' '));
        Assert.Equal("$Kx", string.Concat(((string)((object?[])last.Send("CONFIG", "GET", "notify-keyspace-events")!)[1]!).Order()));
    }

    [Fact]
    public async Task Reading_values_and_canaries_need_rights_of_their_own_and_a_setting_that_is_hidden_is_said()
    {
        await using var server = await RedisServer.StartAsync(new()
        {
            ExtraLines = [$"user app on >pw resetchannels &__keyspace@0__:user:* -@all {Looking} -config|get +psubscribe +type +get"],
        });
        using var redis = new PlainRedis(server.Port);
        var options = new RedisKeyspaceOptions { Connection = Redis.Options(server, "app", "pw"), Keys = ["user:*"], Enrich = true, Canary = true };

        var findings = await CheckAsync(options);

        Assert.DoesNotContain(findings, finding => finding.Level == CheckLevel.Problem);
        Assert.Contains(findings, finding => finding.Text.Contains("does not show notify-keyspace-events", StringComparison.Ordinal) && finding.Remedy == "ACL SETUSER app +config|get");
        var rights = Assert.Single(findings, finding => finding.Text.Contains("may not", StringComparison.Ordinal));
        Assert.Equal(
            "ACL SETUSER app ~user:* +memory|usage +lrange +smembers +zrange +hgetall +xrevrange "
            + "+subscribe &__keyspace@0__:penstock:canary:* +set ~penstock:canary:*", rights.Remedy);

        redis.Send(rights.Remedy!.Split(' '));
        Assert.DoesNotContain(await CheckAsync(options), finding => finding.Text.Contains("may not", StringComparison.Ordinal));
    }

    static async Task<IReadOnlyList<CheckFinding>> CheckAsync(RedisPubSubOptions options)
    {
        var report = new CheckReport();
        await new RedisPubSubPlugin().CheckAsync(options, Sources.Context(new LogLines()), report, TestContext.Current.CancellationToken);
        return report.Findings;
    }

    static async Task<IReadOnlyList<CheckFinding>> CheckAsync(RedisKeyspaceOptions options)
    {
        var report = new CheckReport();
        await new RedisKeyspacePlugin().CheckAsync(options, Sources.Context(new LogLines()), report, TestContext.Current.CancellationToken);
        return report.Findings;
    }
}
