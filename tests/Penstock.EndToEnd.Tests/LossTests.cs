using System.Text.Json;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests;

/// <summary>What an at-most-once source may have missed is on disk and in <c>penstock losses list</c>.</summary>
public sealed class LossTests
{
    [Fact]
    public async Task Downtime_of_the_server_and_of_the_host_are_loss_windows()
    {
        await using var redis = await RedisServer.StartAsync();
        using var workspace = new Workspace(Config(redis.Port));
        var delivered = workspace.Combine("out", "prices.jsonl");

        using (var host = HostRun.Start("run", "-c", workspace.ConfigFile))
        {
            await PublishUntilDeliveredAsync(redis, delivered, "first");
            redis.Kill();
            await redis.RestartAsync();
            await PublishUntilDeliveredAsync(redis, delivered, "second");
            Assert.Equal(0, await host.TerminateAsync());
        }

        var before = await LossesAsync(workspace);
        var window = Assert.Single(before);
        Assert.Equal("disconnected", window.GetProperty("cause").GetString());
        Assert.Equal("prices", window.GetProperty("source").GetString());
        Assert.False(window.GetProperty("certain").GetBoolean());
        Assert.True(window.GetProperty("openedAt").GetDateTimeOffset() < window.GetProperty("closedAt").GetDateTimeOffset());

        using (var host = HostRun.Start("run", "-c", workspace.ConfigFile))
        {
            await PublishUntilDeliveredAsync(redis, delivered, "third");
            Assert.Equal(0, await host.TerminateAsync());
        }

        var after = await LossesAsync(workspace);
        Assert.Equal(2, after.Count);
        Assert.Equal("restarted", after[1].GetProperty("cause").GetString());
        Assert.True(after[0].GetProperty("closedAt").GetDateTimeOffset() <= after[1].GetProperty("openedAt").GetDateTimeOffset());
    }

    [Fact]
    public async Task A_pipeline_that_requires_more_than_its_source_gives_is_refused()
    {
        using var workspace = new Workspace(Config(port: 1).Replace("\"sources\"", "\"require\": \"at-least-once\", \"sources\"", StringComparison.Ordinal));

        var (exitCode, _, errors) = await HostRun.ToEndAsync("validate", "-c", workspace.ConfigFile);

        Assert.Equal(2, exitCode);
        Assert.Contains("/pipelines/prices/require", errors, StringComparison.Ordinal);
    }

    static async Task PublishUntilDeliveredAsync(RedisServer redis, string file, string message)
    {
        using var client = new PlainRedis(redis.Port);
        await Eventually.HoldsAsync(
            () =>
            {
                client.Send("PUBLISH", "prices", message);
                return File.Exists(file) && File.ReadAllText(file).Contains(message, StringComparison.Ordinal);
            },
            $"\"{message}\" is delivered");
    }

    static async Task<List<JsonElement>> LossesAsync(Workspace workspace)
    {
        var (exitCode, output, _) = await HostRun.ToEndAsync("losses", "list", "--json", "-c", workspace.ConfigFile);
        Assert.Equal(0, exitCode);
        using var json = JsonDocument.Parse(output);
        return [.. json.RootElement.EnumerateArray().Select(window => window.Clone())];
    }

    static string Config(int port) =>
        $$"""
        {
          "pipelines": {
            "prices": {
              "sources": { "prices": { "type": "redis-pubsub", "config": { "connection": { "endpoints": ["127.0.0.1:{{port}}"] }, "channels": ["prices"] } } },
              "sinks": { "file": { "type": "file", "config": { "path": "./out/{subject}.jsonl" } } }
            }
          }
        }
        """;
}
