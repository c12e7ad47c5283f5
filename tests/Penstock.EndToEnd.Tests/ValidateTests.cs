using System.Text.Json;

namespace Penstock.EndToEnd.Tests;

/// <summary><c>penstock validate</c>, offline.</summary>
public sealed class ValidateTests
{
    // One mistake each: an unknown key, a wrong type, a value out of range, a missing option, a plugin's own rule.
    const string FiveMistakes =
        """
        {
          "pipelines": {
            "orders": {
              "requires": "at-least-once",
              "sources": {
                "db": {
                  "type": "postgres-wal",
                  "config": {
                    "connectionString": "Host=127.0.0.1;Port=1",
                    "slot": "penstock",
                    "publication": "penstock",
                    "tables": "public.orders"
                  }
                }
              },
              "sinks": {
                "stream": {
                  "type": "redis-streams",
                  "lanes": 0,
                  "config": { "stream": "cdc:{subject}" }
                },
                "file": {
                  "type": "file",
                  "config": { "path": "./out/{nothing}.jsonl" }
                }
              }
            }
          }
        }
        """;

    [Fact]
    public async Task Five_mistakes_are_five_positioned_problems_and_exit_code_2()
    {
        using var workspace = new Workspace(FiveMistakes);

        var (exitCode, output, _) = await HostRun.ToEndAsync("validate", "-c", workspace.ConfigFile, "--json");

        Assert.Equal(2, exitCode);
        using var json = JsonDocument.Parse(output);
        Assert.Equal(
            [
                (4, "/pipelines/orders/requires"),
                (12, "/pipelines/orders/sources/db/config/tables"),
                (19, "/pipelines/orders/sinks/stream/lanes"),
                (20, "/pipelines/orders/sinks/stream/config"),
                (24, "/pipelines/orders/sinks/file/config/path"),
            ],
            json.RootElement.EnumerateArray().Select(problem => (problem.GetProperty("line").GetInt32(), problem.GetProperty("pointer").GetString()!)));
    }

    [Fact]
    public async Task A_person_reads_file_line_column_pointer_and_remedy()
    {
        using var workspace = new Workspace(FiveMistakes);

        var (_, _, errors) = await HostRun.ToEndAsync("validate", "-c", workspace.ConfigFile);

        Assert.Contains($"{workspace.ConfigFile}:4:7 /pipelines/orders/requires", errors, StringComparison.Ordinal);
        Assert.Contains("did you mean \"require\"", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validating_opens_no_connection()
    {
        using var workspace = new Workspace(FiveMistakes.Replace("\"requires\"", "\"require\"", StringComparison.Ordinal));
        using var good = new Workspace(ConfigOf("validate-only"));

        Assert.Empty(await ConnectionsAsync(workspace, "validate"));
        Assert.Empty(await ConnectionsAsync(good, "validate"));
        // The same look sees the connection attempts of a run.
        Assert.NotEmpty(await ConnectionsAsync(good, "run"));
    }

    [Fact]
    public async Task A_run_with_mistakes_starts_nothing()
    {
        using var workspace = new Workspace(FiveMistakes);

        var (exitCode, _, errors) = await HostRun.ToEndAsync("run", "-c", workspace.ConfigFile);

        Assert.Equal(2, exitCode);
        Assert.Contains("/pipelines/orders/sinks/stream/lanes", errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(workspace.Combine("state")));
    }

    [Fact]
    public async Task The_bundled_schema_knows_every_installed_plugin()
    {
        var (exitCode, output, _) = await HostRun.ToEndAsync("schema");

        Assert.Equal(0, exitCode);
        using var json = JsonDocument.Parse(output);
        Assert.Equal("http://json-schema.org/draft-07/schema#", json.RootElement.GetProperty("$schema").GetString());
        Assert.All(
            ["postgres-wal", "redis-streams", "redis-pubsub", "redis-keyspace", "file", "console", "discard"],
            plugin => Assert.Contains($"\"{plugin}\"", output, StringComparison.Ordinal));
    }

    // A port that nobody listens on: the attempt is what counts.
    static string ConfigOf(string pipeline) =>
        $$"""
        {
          "pipelines": {
            "{{pipeline}}": {
              "sources": { "in": { "type": "redis-streams", "config": { "connection": { "endpoints": ["127.0.0.1:1"] }, "streams": ["s"], "group": "g" } } },
              "sinks": { "out": { "type": "discard", "config": {} } }
            }
          }
        }
        """;

    static async Task<IReadOnlyList<string>> ConnectionsAsync(Workspace workspace, string verb)
    {
        var trace = workspace.Combine($"{verb}.trace");
        using var run = HostRun.StartAs(
            "strace", ["-f", "-e", "trace=connect", "-o", trace, Distribution.Executable, verb, "-c", workspace.ConfigFile]);
        if (verb == "run")
        {
            await run.LogsAsync("reading failed");
            run.Kill();
        }
        else
        {
            await run.WaitAsync();
        }

        // Unix sockets are the machine's own business (name service); the network is not.
        return [.. File.ReadLines(trace).Where(line => line.Contains("AF_INET", StringComparison.Ordinal))];
    }
}
