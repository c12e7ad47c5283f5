using System.Text.Json;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests;

/// <summary>A Redis stream read without a group, into a sink that stores positions: each entry once, whatever happens to the host.</summary>
public sealed class StreamToFileTests
{
    const int Kills = 3;
    const int BetweenKills = 5_000;

    [Fact]
    public async Task Killing_the_host_neither_loses_nor_repeats_a_line()
    {
        await using var redis = await RedisServer.StartAsync();
        using var client = new PlainRedis(redis.Port);
        using var workspace = new Workspace(Config(redis));
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var writing = Task.Run(() => Write(redis, enough.Token), CancellationToken.None);
        for (var kill = 1; kill <= Kills; kill++)
        {
            using var host = HostRun.Start("run", "-c", workspace.ConfigFile);
            var before = Numbers(workspace).Count;
            await Eventually.HoldsAsync(() => Numbers(workspace).Count >= before + BetweenKills, "many lines more are there");
            host.Kill();
        }

        // The host was busy whenever it was killed: entries came all the time.
        await enough.CancelAsync();
        var written = await writing;
        using (var host = HostRun.Start("run", "-c", workspace.ConfigFile))
        {
            await host.LogsAsync("in \\u2192 file");
            await Eventually.HoldsAsync(() => Numbers(workspace).Count >= written, "every line is there");
            Assert.Equal(0, await host.TerminateAsync());
        }

        Assert.Equal(Enumerable.Range(1, written), Numbers(workspace));
        Assert.Empty((object?[])client.Send("XINFO", "GROUPS", "numbers")!);
    }

    static int Write(RedisServer redis, CancellationToken enough)
    {
        using var client = new PlainRedis(redis.Port);
        var n = 0;
        while (!enough.IsCancellationRequested)
        {
            client.Send("XADD", "numbers", "*", "n", $"{++n}");
        }

        return n;
    }

    static List<int> Numbers(Workspace workspace) => [.. WholeLines.Of(workspace.Combine("out", "numbers.jsonl")).Select(Number)];

    static int Number(string line)
    {
        using var json = JsonDocument.Parse(line);
        return int.Parse(json.RootElement.GetProperty("after").GetProperty("n").GetString()!);
    }

    static string Config(RedisServer redis) =>
        $$"""
        {
          "pipelines": {
            "p": {
              "require": "effectively-once",
              "sources": {
                "in": {
                  "type": "redis-streams",
                  "config": { "connection": { "endpoints": ["{{redis.Endpoint}}"] }, "streams": ["numbers"], "mode": "read" }
                }
              },
              "sinks": { "file": { "type": "file", "config": { "path": "./out/{subject}.jsonl" } } }
            }
          }
        }
        """;
}
