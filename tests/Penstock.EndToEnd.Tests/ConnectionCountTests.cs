using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests;

/// <summary>Acquisition and processing scale by themselves: each side's connections depend on its own setting alone.</summary>
public sealed class ConnectionCountTests
{
    [Fact]
    public async Task Readers_change_nothing_at_the_sink_and_lanes_nothing_at_the_source()
    {
        var (source, sink) = await CountAsync(readers: 1, lanes: 1);
        Assert.Equal((2, 1), (source, sink));
        Assert.Equal((2 * 3, sink), await CountAsync(readers: 3, lanes: 1));
        Assert.Equal((source, 4), await CountAsync(readers: 1, lanes: 4));
    }

    // One connection of a reader blocks, the other acknowledges.
    static async Task<(int Source, int Sink)> CountAsync(int readers, int lanes)
    {
        await using var redis = await RedisServer.StartAsync();
        using var client = new PlainRedis(redis.Port);
        using var workspace = new Workspace(
            $$"""
            {
              "pipelines": {
                "p": {
                  "sources": {
                    "in": {
                      "type": "redis-streams", "readers": {{readers}},
                      "config": { "connection": { "endpoints": ["{{redis.Endpoint}}"] }, "streams": ["numbers"], "group": "g", "count": 1, "block": "20ms" }
                    }
                  },
                  "sinks": {
                    "out": { "type": "redis-streams", "lanes": {{lanes}}, "config": { "connection": { "endpoints": ["{{redis.Endpoint}}"] }, "stream": "copy" } }
                  }
                }
              }
            }
            """);
        using var host = HostRun.Start("run", "-c", workspace.ConfigFile);
        var written = 0;
        await Eventually.HoldsAsync(
            () =>
            {
                client.Send("XADD", "numbers", "*", "n", $"{++written}");
                return Connections(client, "in") >= 2 * readers && Connections(client, "out") >= lanes;
            },
            "each reader and each lane is connected");
        await Eventually.HoldsAsync(
            () => client.Send("EXISTS", "copy") is 1L && client.SendForNumber("XLEN", "copy") >= written && ((object?[])client.Send("XPENDING", "numbers", "g")!)[0] is 0L,
            "everything is copied and acknowledged");
        var counts = (Connections(client, "in"), Connections(client, "out"));
        Assert.Equal(0, await host.TerminateAsync());
        return counts;
    }

    static int Connections(PlainRedis client, string instance) =>
        ((string)client.Send("CLIENT", "LIST")!).Split('\n').Count(line => line.Contains($" name=penstock:p/{instance} ", StringComparison.Ordinal));
}
