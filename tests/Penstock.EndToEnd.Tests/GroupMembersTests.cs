using System.Diagnostics;
using System.Text.Json;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests;

/// <summary>Several hosts in one consumer group.</summary>
public sealed class GroupMembersTests
{
    [Fact]
    [Trait("Scenario", "RS06")]
    [Trait("Scenario", "RS19")]
    public async Task Of_three_members_one_is_killed_and_the_others_deliver_its_entries()
    {
        await using var redis = await RedisServer.StartAsync();
        using var client = new PlainRedis(redis.Port);
        Workspace[] workspaces = [.. Enumerable.Range(1, 3).Select(n => new Workspace(Config(redis, $"\"consumer\": \"member-{n}\", \"claimIdle\": \"2s\", \"count\": 50")))];
        HostRun[] hosts = [.. workspaces.Select(workspace => HostRun.Start("run", "-c", workspace.ConfigFile))];
        var written = 0;
        await Eventually.HoldsAsync(
            () =>
            {
                Add(client, ref written, 100);
                return workspaces.All(workspace => Numbers(workspace).Count > 0);
            },
            "all three deliver");
        Add(client, ref written, 2000);
        hosts[0].Kill();
        Add(client, ref written, 200);
        await Eventually.HoldsAsync(
            () => workspaces.SelectMany(Numbers).Distinct().Count() == written && Pending(client) == 0, "every entry is delivered, and acknowledged");
        Assert.Equal(0, await hosts[1].TerminateAsync());
        Assert.Equal(0, await hosts[2].TerminateAsync());
        Assert.Equal(3, ((object?[])client.Send("XINFO", "CONSUMERS", "numbers", "g")!).Length);
        Array.ForEach(hosts, host => host.Dispose());
        Array.ForEach(workspaces, workspace => workspace.Dispose());
    }

    [Fact]
    [Trait("Scenario", "RS06")]
    [Trait("Scenario", "RS20")]
    public async Task In_order_a_standby_goes_on_and_a_host_that_was_stopped_meanwhile_commits_nothing()
    {
        await using var redis = await RedisServer.StartAsync();
        using var client = new PlainRedis(redis.Port);
        using var firstPlace = new Workspace(Config(redis, "\"ordered\": true"));
        using var secondPlace = new Workspace(Config(redis, "\"ordered\": true"));
        using var first = HostRun.Start("run", "-c", firstPlace.ConfigFile);
        var written = 0;
        await Eventually.HoldsAsync(
            () =>
            {
                Add(client, ref written, 10);
                return Numbers(firstPlace).Count > 0;
            },
            "the first one delivers");
        using var second = HostRun.Start("run", "-c", secondPlace.ConfigFile);
        await second.LogsAsync("this one stands by");

        // Stopped, as by a debugger or a host of virtual machines; it does not know when it goes on.
        first.Freeze();
        var frozen = Stopwatch.GetTimestamp();
        Add(client, ref written, 100);
        await Eventually.HoldsAsync(() => Numbers(secondPlace).LastOrDefault() == written, "the standby delivers");
        Assert.InRange(Stopwatch.GetElapsedTime(frozen), TimeSpan.Zero, TimeSpan.FromSeconds(8));
        var epoch = (string)client.Send("GET", Epoch)!;
        first.Thaw();
        await Eventually.HoldsAsync(
            () =>
            {
                Add(client, ref written, 10);
                return first.Errors.Contains("stands by", StringComparison.Ordinal);
            },
            "the first one stands by");
        await Eventually.HoldsAsync(() => Numbers(secondPlace).LastOrDefault() == written && Pending(client) == 0, "the standby has it all");
        Assert.Equal(epoch, client.Send("GET", Epoch));

        // Back again, from a kill this time.
        second.Kill();
        var killed = Stopwatch.GetTimestamp();
        Add(client, ref written, 10);
        await Eventually.HoldsAsync(() => Numbers(firstPlace).LastOrDefault() == written && Pending(client) == 0, "the first one delivers again");
        Assert.InRange(Stopwatch.GetElapsedTime(killed), TimeSpan.Zero, TimeSpan.FromSeconds(8));
        Assert.Equal(0, await first.TerminateAsync());

        var all = Numbers(firstPlace).Concat(Numbers(secondPlace)).ToHashSet();
        Assert.Equal(written, all.Count);
        Assert.Equal(Numbers(secondPlace).Distinct().Order(), Numbers(secondPlace).Distinct());
        Assert.Equal(Numbers(firstPlace).Distinct().Order(), Numbers(firstPlace).Distinct());
    }

    const string Epoch = "penstock:lease:{numbers}:numbers:g:read:epoch";

    static void Add(PlainRedis client, ref int written, int count)
    {
        for (var i = 0; i < count; i++)
        {
            client.Send("XADD", "numbers", "*", "n", $"{++written}");
        }
    }

    static long Pending(PlainRedis client) => (long)((object?[])client.Send("XPENDING", "numbers", "g")!)[0]!;

    static List<int> Numbers(Workspace workspace) => [.. WholeLines.Of(workspace.Combine("out", "numbers.jsonl")).Select(Number)];

    static int Number(string line)
    {
        using var json = JsonDocument.Parse(line);
        return int.Parse(json.RootElement.GetProperty("after").GetProperty("n").GetString()!);
    }

    static string Config(RedisServer redis, string options) =>
        $$"""
        {
          "pipelines": {
            "p": {
              "require": "at-least-once",
              "sources": {
                "in": {
                  "type": "redis-streams",
                  "config": { "connection": { "endpoints": ["{{redis.Endpoint}}"] }, "streams": ["numbers"], "group": "g", {{options}} }
                }
              },
              "sinks": { "file": { "type": "file", "config": { "path": "./out/{subject}.jsonl" } } }
            }
          }
        }
        """;
}
