using Penstock.Sources.RedisStreams;
using Penstock.TestServers;
using static Penstock.RedisStreams.Tests.Streams;

namespace Penstock.RedisStreams.Tests;

/// <summary>What <c>penstock positions show --live</c> tells.</summary>
public sealed class PlacesTests
{
    [Fact]
    public async Task The_groups_lag_and_what_each_consumer_holds_are_told_and_nothing_is_changed()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        redis.Send("XGROUP", "CREATE", "in", "g", "0", "MKSTREAM");
        Add(redis, "in", 1, 10);
        redis.Send("XREADGROUP", "GROUP", "g", "a", "COUNT", "4", "STREAMS", "in", ">");
        redis.Send("XREADGROUP", "GROUP", "g", "b", "COUNT", "2", "STREAMS", "in", ">");
        redis.Send("XACK", "in", "g", "1700000000005-0", "1700000000006-0");
        redis.Send("XCLAIM", "in", "g", "a", "0", "1700000000001-0", "IDLE", "90000", "RETRYCOUNT", "7", "JUSTID");

        var facts = await DescribeAsync(server, ["in", "none"]);

        Assert.Equal($"stream \"in\" at {server.Endpoint}: 10 entries, the newest 1700000000010-0", facts[0]);
        Assert.Equal("group \"g\": behind 1700000000006-0, lag 4, 4 pending", facts[1]);
        Assert.Matches("^consumer \"a\": 4 pending, the oldest 1700000000001-0, idle for 9[0-9]\\.[0-9]{3} s, handed out 7 times$", facts[2]);
        Assert.Equal("consumer \"b\": nothing pending", facts[3]);
        Assert.Equal($"stream \"none\" at {server.Endpoint}, or its group, does not exist", facts[4]);
        Assert.Equal((5, 0L), (facts.Count, redis.Send("EXISTS", "none")));
    }

    [Fact]
    public async Task A_server_that_is_away_is_a_problem_with_a_remedy()
    {
        await using var server = await RedisServer.StartAsync();
        server.Kill();
        var report = new CheckReport();
        await new RedisStreamsPlugin().DescribePositionAsync(Options(server, ["in"]), Samples.SourceContext, report, TestContext.Current.CancellationToken);
        Assert.Equal(CheckLevel.Problem, Assert.Single(report.Findings).Level);
    }

    static async Task<List<string>> DescribeAsync(RedisServer server, string[] streams)
    {
        var report = new CheckReport();
        await new RedisStreamsPlugin().DescribePositionAsync(Options(server, streams), Samples.SourceContext, report, TestContext.Current.CancellationToken);
        Assert.All(report.Findings, finding => Assert.Equal(CheckLevel.Fact, finding.Level));
        return [.. report.Findings.Select(finding => finding.Text)];
    }

    static RedisStreamsOptions Options(RedisServer server, string[] streams) => new() { Connection = Samples.Connection(server), Streams = streams, Group = "g" };
}
