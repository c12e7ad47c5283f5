using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests;

/// <summary>A Redis server that has lost what it had confirmed, as after a failover: noticed before anything is added behind the gap, and mended where the source still has it.</summary>
[Trait("Scenario", "SR03")]
public sealed class SinkRewoundTests
{
    const int Saved = 500;
    const int Lost = 300;

    [Fact]
    public async Task A_source_that_retains_is_read_again_from_there()
    {
        await using var from = await RedisServer.StartAsync();
        await using var to = await RedisServer.StartAsync();
        using var source = new PlainRedis(from.Port);
        using var workspace = new Workspace(Config(from, to));
        using (var host = HostRun.Start("run", "-c", workspace.ConfigFile))
        {
            await AddAsync(source, to, Saved);
            Do(to, "SAVE");
            await AddAsync(source, to, Lost);
            await to.RestartAsync();
            Assert.Equal(Saved, Numbers(to).Count);
            source.Send("XADD", "numbers", "*", "n", $"{Saved + Lost + 1}");
            Assert.Equal(4, await host.WaitAsync());
            Assert.Contains("SinkRewound", host.Errors, StringComparison.Ordinal);
            Assert.Equal(Saved, Numbers(to).Count);
        }

        using var again = HostRun.Start("run", "-c", workspace.ConfigFile);
        await Eventually.HoldsAsync(() => Numbers(to).Count > Saved + Lost || again.HasExited, "what was lost is there again");
        Assert.Equal(0, await again.TerminateAsync());
        Assert.Equal(Enumerable.Range(1, Saved + Lost + 1), Numbers(to));
    }

    [Fact]
    public async Task A_source_that_has_it_no_more_stops_with_exit_code_4()
    {
        await using var world = await WalToRedis.StartAsync(atomic: true);
        using (var host = world.StartHost())
        {
            await world.SlotAsync();
            world.Execute("UPDATE counters SET n = n + 1");
            await Eventually.HoldsAsync(() => world.StreamLength() == CountersTable.Counters, "the first round is there");
            world.Redis.Send("SAVE");
            world.Execute("UPDATE counters SET n = n + 1");
            await Eventually.HoldsAsync(() => world.StreamLength() == 2 * CountersTable.Counters, "the second round is there");
            Assert.Equal(0, await host.TerminateAsync());
        }

        await world.RestartRedisAsync();
        using var again = world.StartHost();
        Assert.Equal(4, await again.WaitAsync());
        Assert.Equal(CountersTable.Counters, world.StreamLength());
    }

    static async Task AddAsync(PlainRedis source, RedisServer to, int count)
    {
        var before = Numbers(to).Count;
        for (var n = before + 1; n <= before + count; n++)
        {
            source.Send("XADD", "numbers", "*", "n", $"{n}");
        }

        await Eventually.HoldsAsync(() => Numbers(to).Count == before + count, "the sink has them");
    }

    static List<int> Numbers(RedisServer server)
    {
        using var redis = new PlainRedis(server.Port);
        return [.. redis.Entries("copy:numbers").Select(entry => int.Parse(entry.Fields["event"].Split("\"n\":\"")[1].Split('"')[0]))];
    }

    static void Do(RedisServer server, params string[] command)
    {
        using var redis = new PlainRedis(server.Port);
        redis.Send(command);
    }

    static string Config(RedisServer from, RedisServer to) =>
        $$"""
        {
          "pipelines": {
            "p": {
              "require": "effectively-once",
              "sources": {
                "in": { "type": "redis-streams", "config": { "connection": { "endpoints": ["{{from.Endpoint}}"] }, "streams": ["numbers"], "mode": "read" } }
              },
              "sinks": {
                "out": {
                  "type": "redis-streams",
                  "config": { "connection": { "endpoints": ["{{to.Endpoint}}"] }, "stream": "copy:{subject}", "atomic": true }
                }
              }
            }
          }
        }
        """;
}
