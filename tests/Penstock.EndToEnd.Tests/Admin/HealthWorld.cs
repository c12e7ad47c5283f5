using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests.Admin;

/// <summary>A host with a pipeline that a test spoils, one that is busy and one that is idle; the last two must stay healthy throughout.</summary>
sealed class HealthWorld : IAsyncDisposable
{
    readonly RedisServer _redis;
    readonly Workspace _workspace;
    readonly SemaphoreSlim _stop = new(0);
    readonly Task _writing;

    HealthWorld(RedisServer redis, string source, string sink, string state, string stalledAfter)
    {
        _redis = redis;
        _workspace = new Workspace(
            $$"""
            {
              "state": { "directory": "{{state}}" },
              "admin": { "listen": "http://127.0.0.1:0", "stalledAfter": "{{stalledAfter}}" },
              "pipelines": {
                "spoiled": { "sources": { "from": {{source}} }, "sinks": { "to": {{sink}} } },
                "busy": { "sources": { "from": {{Stream(redis, "busy")}} }, "sinks": { "to": { "type": "discard" } } },
                "idle": { "sources": { "from": {{Stream(redis, "idle")}} }, "sinks": { "to": { "type": "discard" } } }
              }
            }
            """);
        Host = HostRun.Start("run", "-c", _workspace.ConfigFile);
        _writing = Task.Run(WriteAsync);
    }

    public HostRun Host { get; }

    public AdminClient Admin { get; private set; } = null!;

    /// <summary>A source that reads from a stream in the world's Redis that is always written to.</summary>
    public static string BusySource(RedisServer redis) => Stream(redis, "spoiled");

    public static async Task<HealthWorld> StartAsync(
        RedisServer redis, string source, string sink, string state = "./state", string stalledAfter = "1s")
    {
        var world = new HealthWorld(redis, source, sink, state, stalledAfter);
        world.Admin = await AdminClient.OfAsync(world.Host);
        return world;
    }

    public async ValueTask DisposeAsync()
    {
        _stop.Release();
        await _writing;
        Admin?.Dispose();
        Host.Dispose();
        _workspace.Dispose();
        _stop.Dispose();
    }

    static string Stream(RedisServer redis, string name) =>
        $$"""{ "type": "redis-streams", "config": { "connection": { "endpoints": ["{{redis.Endpoint}}"] }, "streams": ["{{name}}"], "group": "g" } }""";

    async Task WriteAsync()
    {
        using var redis = new PlainRedis(_redis.Port);
        for (var number = 0; _stop.CurrentCount == 0; number++)
        {
            redis.Send("XADD", "busy", "*", "n", $"{number}");
            redis.Send("XADD", "spoiled", "*", "n", $"{number}");
            await Eventually.BackOffAsync();
        }
    }
}
