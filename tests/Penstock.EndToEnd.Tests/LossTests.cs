using System.Text.Json;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests;

/// <summary>What an at-most-once source may have missed is on disk and in <c>penstock losses list</c>.</summary>
public sealed class LossTests
{
    static readonly string[] Channels = ["bids", "offers", "quotes", "trades"];

    [Fact]
    public async Task Downtime_of_the_server_and_of_the_host_are_loss_windows()
    {
        await using var redis = await RedisServer.StartAsync();
        using var workspace = new Workspace(Config(redis.Port, "prices"));
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
    public async Task Every_source_of_a_pipeline_has_its_window_when_all_of_them_lose_the_server_at_once()
    {
        await using var redis = await RedisServer.StartAsync();
        using var workspace = new Workspace(Config(redis.Port, Channels));

        using (var host = HostRun.Start("run", "-c", workspace.ConfigFile))
        {
            await PublishUntilAllAreDeliveredAsync("first");
            redis.Kill();
            await redis.RestartAsync();
            await PublishUntilAllAreDeliveredAsync("second");
            Assert.Equal(0, await host.TerminateAsync());
        }

        var before = await LossesAsync(workspace);
        Assert.Equal(Channels, before.Select(SourceOf).Order());
        Assert.All(before, window => Assert.NotNull(window.GetProperty("closedAt").GetString()));

        using (var host = HostRun.Start("run", "-c", workspace.ConfigFile))
        {
            await PublishUntilAllAreDeliveredAsync("third");
            Assert.Equal(0, await host.TerminateAsync());
        }

        var after = await LossesAsync(workspace);
        Assert.Equal(2 * Channels.Length, after.Count);
        Assert.Equal(Channels, after.Where(window => window.GetProperty("cause").GetString() == "restarted").Select(SourceOf).Order());

        async Task PublishUntilAllAreDeliveredAsync(string message)
        {
            foreach (var channel in Channels)
            {
                await PublishUntilDeliveredAsync(redis, workspace.Combine("out", $"{channel}.jsonl"), message, channel);
            }
        }
    }

    [Fact]
    [Trait("Scenario", "KN05")]
    public async Task A_window_that_comes_already_closed_is_on_disk_listed_and_counted_once()
    {
        await using var redis = await RedisServer.StartAsync(new() { ExtraLines = ["notify-keyspace-events KA"] });
        var port = FreePort.Next();
        using var workspace = new Workspace($$"""
            {
              "admin": { "listen": "http://127.0.0.1:{{port}}" },
              "pipelines": {
                "keys": {
                  "sources": { "keys": { "type": "redis-keyspace", "config": { "connection": { "endpoints": ["127.0.0.1:{{redis.Port}}"] }, "enrich": true, "canary": true } } },
                  "sinks": { "file": { "type": "file", "config": { "path": "./out/keys.jsonl" } } }
                }
              }
            }
            """);
        var delivered = workspace.Combine("out", "keys.jsonl");
        using var client = new PlainRedis(redis.Port);
        using var host = HostRun.Start("run", "-c", workspace.ConfigFile);
        await Eventually.HoldsAsync(
            () =>
            {
                client.Send("HSET", "key", "field", "value");
                return File.Exists(delivered) && File.ReadAllText(delivered).Contains("valueObservedAt", StringComparison.Ordinal);
            },
            "events are delivered");
        client.Send("FLUSHALL");
        await Eventually.HoldsAsync(async () => (await LossesAsync(workspace)).Count == 1, "the window is listed");
        using var http = new HttpClient();
        var metrics = await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"), TestContext.Current.CancellationToken);
        Assert.Equal(0, await host.TerminateAsync());

        var window = Assert.Single(await LossesAsync(workspace));
        Assert.Equal("deleted", window.GetProperty("cause").GetString());
        Assert.True(window.GetProperty("certain").GetBoolean());
        Assert.NotNull(window.GetProperty("closedAt").GetString());
        Assert.Contains("penstock_loss_windows_total{cause=\"deleted\",pipeline=\"keys\",source=\"keys\"} 1\n", metrics, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(File.ReadLines(delivered).First());
        var row = json.RootElement.GetProperty("after");
        Assert.Equal("value", row.GetProperty("value").GetProperty("field").GetString());
        Assert.Equal("hash", row.GetProperty("type").GetString());
    }

    [Fact]
    public async Task A_damaged_line_is_reported_with_its_place_and_hides_no_window()
    {
        const string Whole =
            """{"v":1,"kind":"loss","source":"prices","node":"n:1","subject":"ch","cause":"disconnected","certain":false,"openedAt":"2026-01-01T12:00:00.000000Z","closedAt":null,"missed":null,"detail":"d"}""";
        using var workspace = new Workspace(Config(1, "prices"));
        var file = workspace.Combine("state", "prices", "losses.jsonl");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllLines(file, ["not a loss window", Whole]);

        var (exitCode, output, errors) = await HostRun.ToEndAsync("losses", "list", "--json", "-c", workspace.ConfigFile);
        File.WriteAllLines(file, [Whole]);
        var whole = await LossesAsync(workspace);

        Assert.Equal(1, exitCode);
        Assert.Contains($"{file}:1: expected a loss window", errors, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(output);
        Assert.Equal("prices", SourceOf(Assert.Single(json.RootElement.EnumerateArray())));
        Assert.Single(whole);
    }

    [Fact]
    public async Task A_pipeline_that_requires_more_than_its_source_gives_is_refused()
    {
        using var workspace = new Workspace(Config(1, "prices").Replace("\"sources\"", "\"require\": \"at-least-once\", \"sources\"", StringComparison.Ordinal));

        var (exitCode, _, errors) = await HostRun.ToEndAsync("validate", "-c", workspace.ConfigFile);

        Assert.Equal(2, exitCode);
        Assert.Contains("/pipelines/prices/require", errors, StringComparison.Ordinal);
    }

    static async Task PublishUntilDeliveredAsync(RedisServer redis, string file, string message, string channel = "prices")
    {
        using var client = new PlainRedis(redis.Port);
        await Eventually.HoldsAsync(
            () =>
            {
                client.Send("PUBLISH", channel, message);
                return File.Exists(file) && File.ReadAllText(file).Contains(message, StringComparison.Ordinal);
            },
            $"\"{message}\" is delivered from {channel}");
    }

    static async Task<List<JsonElement>> LossesAsync(Workspace workspace)
    {
        var (exitCode, output, _) = await HostRun.ToEndAsync("losses", "list", "--json", "-c", workspace.ConfigFile);
        Assert.Equal(0, exitCode);
        using var json = JsonDocument.Parse(output);
        return [.. json.RootElement.EnumerateArray().Select(window => window.Clone())];
    }

    static string? SourceOf(JsonElement window) => window.GetProperty("source").GetString();

    // A source per channel, and called like it.
    static string Config(int port, params string[] channels)
    {
        var sources = channels.Select(channel =>
            $$"""  "{{channel}}": { "type": "redis-pubsub", "config": { "connection": { "endpoints": ["127.0.0.1:{{port}}"] }, "channels": ["{{channel}}"] } }""");
        return $$"""
            {
              "pipelines": {
                "prices": {
                  "sources": { {{string.Join(',', sources)}} },
                  "sinks": { "file": { "type": "file", "config": { "path": "./out/{subject}.jsonl" } } }
                }
              }
            }
            """;
    }
}
