using System.Text.Json;
using System.Text.RegularExpressions;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests;

/// <summary>Plugins through the published host: what is installed, what is missing, what is broken.</summary>
public sealed class PluginTests
{
    [Fact]
    public async Task The_list_tells_guarantee_replay_and_order_without_an_instance()
    {
        var (exitCode, output, _) = await HostRun.ToEndAsync("plugins", "list", "--json");

        Assert.Equal(0, exitCode);
        using var json = JsonDocument.Parse(output);
        var sources = json.RootElement.EnumerateArray()
            .Where(plugin => plugin.GetProperty("kind").GetString() == "source")
            .ToDictionary(plugin => plugin.GetProperty("name").GetString()!, plugin => plugin.GetProperty("modes")[0]);
        Assert.Equal(["postgres-wal", "redis-keyspace", "redis-pubsub", "redis-streams"], sources.Keys.Order());
        Assert.Equal("at-least-once", sources["postgres-wal"].GetProperty("guarantee").GetString());
        Assert.True(sources["postgres-wal"].GetProperty("replay").GetBoolean());
        Assert.Equal("at-most-once", sources["redis-pubsub"].GetProperty("guarantee").GetString());
        Assert.False(sources["redis-pubsub"].GetProperty("replay").GetBoolean());
    }

    [Fact]
    public async Task Show_knows_one_plugin_and_refuses_an_unknown_name()
    {
        var (found, output, _) = await HostRun.ToEndAsync("plugins", "show", "postgres-wal");
        var (missing, _, errors) = await HostRun.ToEndAsync("plugins", "show", "postgres-val");

        Assert.Equal(0, found);
        Assert.Contains("at-least-once", output, StringComparison.Ordinal);
        Assert.Equal(3, missing);
        Assert.Contains("postgres-wal", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_and_a_broken_plugin_take_down_only_their_pipelines()
    {
        await using var redis = await RedisServer.StartAsync();
        using var client = new PlainRedis(redis.Port);
        client.Send("XADD", "in", "*", "greeting", "hello");
        using var workspace = new Workspace(Config(redis.Port));
        var noAssembly = workspace.Combine("plugins", "stray", "stray.dll");
        Directory.CreateDirectory(Path.GetDirectoryName(noAssembly)!);
        File.WriteAllText(noAssembly, "no assembly");
        var throwing = AddThrowingPlugin(workspace.Combine("plugins", "throwing"));

        using var host = HostRun.Start("run", "-c", workspace.ConfigFile);
        await Eventually.HoldsAsync(
            () => File.Exists(workspace.Combine("out", "in.jsonl")) && File.ReadAllText(workspace.Combine("out", "in.jsonl")).Contains("hello", StringComparison.Ordinal),
            "the good pipeline delivers");
        var exitCode = await host.TerminateAsync();

        Assert.Equal(3, exitCode);
        Assert.Contains("no plugin provides sink \"fiel\"; did you mean \"file\"?", host.Errors, StringComparison.Ordinal);
        Assert.Contains(noAssembly, host.Errors, StringComparison.Ordinal);
        Assert.Matches(
            $"""/pipelines/broken/sources/in/type\s+plugin "throwing" cannot be used: {Regex.Escape(throwing)}: .*the moon is in the wrong phase; .*\w""", host.Errors);
    }

    [Fact]
    public async Task A_file_that_is_no_plugin_is_in_the_list_with_the_remedy()
    {
        using var workspace = new Workspace("{}");
        var file = workspace.Combine("plugins", "stray", "stray.dll");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "no assembly");

        var (exitCode, output, _) = await HostRun.ToEndAsync("plugins", "list", "--json", "-p", workspace.Combine("plugins"));

        Assert.Equal(3, exitCode);
        using var json = JsonDocument.Parse(output);
        var stray = Assert.Single(json.RootElement.EnumerateArray(), plugin => plugin.GetProperty("name").ValueKind == JsonValueKind.Null);
        Assert.Equal(file, stray.GetProperty("file").GetString());
        Assert.NotEmpty(stray.GetProperty("problem").GetProperty("cause").GetString()!);
        Assert.NotEmpty(stray.GetProperty("problem").GetProperty("remedy").GetString()!);
    }

    [Theory]
    [InlineData("""{ "plugins": """, "invalid JSON")]
    [InlineData("""{ "plugins": { "directories": ["./missing"] } }""", "/plugins/directories/0")]
    [InlineData("""{ "plugins": { "directories": "./missing" } }""", "/plugins/directories")]
    [InlineData("[]", "expected an object")]
    [InlineData(null, "the file does not exist")]
    public async Task A_config_that_does_not_tell_its_plugins_is_refused(string? config, string problem)
    {
        using var workspace = new Workspace(config ?? "{}");
        if (config is null)
        {
            File.Delete(workspace.ConfigFile);
        }

        foreach (var verb in (string[][])[["plugins", "list"], ["plugins", "show", "file"], ["schema"]])
        {
            var (exitCode, output, errors) = await HostRun.ToEndAsync([.. verb, "-c", workspace.ConfigFile]);

            Assert.Equal(2, exitCode);
            Assert.Empty(output);
            Assert.Contains(workspace.ConfigFile, errors, StringComparison.Ordinal);
            Assert.Contains(problem, errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Other_mistakes_of_a_config_do_not_hide_the_plugins()
    {
        using var workspace = new Workspace("""{ "plugins": { "directories": ["."] }, "pipelines": "none yet" }""");

        var (exitCode, output, _) = await HostRun.ToEndAsync("plugins", "list", "-c", workspace.ConfigFile);

        Assert.Equal(0, exitCode);
        Assert.Contains("postgres-wal", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_version_tells_host_and_sdk()
    {
        var (exitCode, output, _) = await HostRun.ToEndAsync("version", "--json");

        Assert.Equal(0, exitCode);
        using var json = JsonDocument.Parse(output);
        var sdk = json.RootElement.GetProperty("sdk").GetString()!;
        Assert.Matches(@"^\d+\.\d+\.\d+[^+]*$", sdk);
        Assert.StartsWith(sdk, json.RootElement.GetProperty("version").GetString(), StringComparison.Ordinal);
    }

    /// <summary>Copies a plugin whose constructor throws, and returns the path of its DLL.</summary>
    static string AddThrowingPlugin(string folder)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var built = Path.Combine(Distribution.Root, "tests", "fixtures", "ThrowingConstructor", "bin", configuration, "net10.0");
        if (!Directory.Exists(built))
        {
            throw new InvalidOperationException($"{built} is missing; build tests/Penstock.Host.Tests ({configuration}) first");
        }

        Directory.CreateDirectory(folder);
        foreach (var file in Directory.GetFiles(built))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        return Path.Combine(folder, "ThrowingConstructor.dll");
    }

    static string Config(int port)
    {
        var source = $$"""{ "type": "redis-streams", "config": { "connection": { "endpoints": ["127.0.0.1:{{port}}"] }, "streams": ["in"], "group": "g" } }""";
        return $$"""
        {
          "plugins": { "directories": ["./plugins"] },
          "pipelines": {
            "good": { "sources": { "in": {{source}} }, "sinks": { "out": { "type": "file", "config": { "path": "./out/{subject}.jsonl" } } } },
            "bad":  { "sources": { "in": {{source}} }, "sinks": { "out": { "type": "fiel", "config": {} } } },
            "broken": { "sources": { "in": { "type": "throwing" } }, "sinks": { "out": { "type": "discard" } } }
          }
        }
        """;
    }
}
