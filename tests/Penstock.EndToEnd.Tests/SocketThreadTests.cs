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
