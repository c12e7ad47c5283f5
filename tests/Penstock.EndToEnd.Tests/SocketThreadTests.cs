using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests;

/// <summary>Plugins that never block go on at once on the threads that watch the sockets; there is one per processor then, and fewer otherwise.</summary>
public sealed class SocketThreadTests
{
    const string Switch = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    [Fact]
    public async Task The_plugins_that_come_with_the_host_go_on_at_once()
    {
        Assert.Equal(Environment.ProcessorCount, await CountSocketThreadsAsync($"{Switch}="));

        // The count tells one from the other, and what the user sets goes first.
        Assert.InRange(await CountSocketThreadsAsync($"{Switch}=0"), 1, Math.Max(1, Environment.ProcessorCount / 2));
    }

    // Npgsql's own way to cancel let two threads wait for each other: the first of a few stops took more than four seconds.
    [Fact]
    public async Task A_source_that_waits_for_changes_closes_at_once()
    {
        using var world = new WalToFile();
        for (var run = 0; run < 4; run++)
        {
            using var host = world.StartHost();
            await world.SlotAsync();
            Assert.Equal(0, await host.TerminateAsync());
            Assert.DoesNotContain("could not be closed cleanly", host.Errors, StringComparison.Ordinal);
        }
    }

    static async Task<int> CountSocketThreadsAsync(string setting)
    {
        await using var redis = await RedisServer.StartAsync();
        using var client = new PlainRedis(redis.Port);
        using var workspace = new Workspace(
            $$"""
            {
              "pipelines": {
                "p": {
                  "sources": { "in": { "type": "redis-pubsub", "config": { "connection": { "endpoints": ["{{redis.Endpoint}}"] }, "channels": ["news"] } } },
                  "sinks": {
                    "stream": { "type": "redis-streams", "config": { "connection": { "endpoints": ["{{redis.Endpoint}}"] }, "stream": "out" } },
                    "file": { "type": "file", "config": { "path": "./out/{subject}.jsonl" } }
                  }
                }
              }
            }
            """);
        using var host = HostRun.StartAs("env", [.. Unset(setting), Distribution.Executable, "run", "-c", workspace.ConfigFile]);
        await Eventually.HoldsAsync(() => client.SendForNumber("PUBLISH", "news", "hello") == 1, "the host listens");
        await Eventually.HoldsAsync(() => client.SendForNumber("XLEN", "out") > 0, "the host delivers");
        var count = host.CountThreads(".NET Sockets");
        Assert.Equal(0, await host.TerminateAsync());
        return count;
    }

    static string[] Unset(string setting) => setting.EndsWith('=') ? ["-u", setting[..^1]] : [setting];
}
