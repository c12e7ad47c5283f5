using System.Diagnostics;

namespace Penstock.EndToEnd.Tests;

/// <summary>The samples are built as a third party builds them, against the packed SDK, and dropped into a plugin directory.</summary>
public sealed class SampleTests
{
    [Fact]
    public async Task Dropped_in_plugins_work_through_the_host()
    {
        using var workspace = new Workspace(
            """
            {
              "plugins": { "directories": ["./plugins"] },
              "pipelines": {
                "hello": {
                  "require": "at-least-once",
                  "sources": { "greeter": { "type": "hello", "config": { "count": 5, "name": "stranger" } } },
                  "sinks": { "book": { "type": "hello", "config": { "path": "./greetings.txt" } } }
                }
              }
            }
            """);
        await PublishAsync("hello-source", workspace.Combine("plugins", "hello-source"));
        await PublishAsync("hello-sink", workspace.Combine("plugins", "hello-sink"));
        Assert.DoesNotContain("Penstock.Sdk.dll", Directory.EnumerateFiles(workspace.Combine("plugins"), "*", SearchOption.AllDirectories).Select(Path.GetFileName));

        // A finite source: the run ends by itself.
        var (exitCode, _, errors) = await HostRun.ToEndAsync("run", "-c", workspace.ConfigFile);

        Assert.True(exitCode == 0, errors);
        Assert.Contains("not every plugin says that it never blocks sockets (hello)", errors, StringComparison.Ordinal);
        var lines = File.ReadAllLines(workspace.Combine("greetings.txt"));
        Assert.Equal(5, lines.Length);
        Assert.All(lines, line => Assert.Contains("stranger", line, StringComparison.Ordinal));

        // The checkpoint says that all were delivered: a second run greets nobody again.
        (exitCode, _, _) = await HostRun.ToEndAsync("run", "-c", workspace.ConfigFile);
        Assert.Equal(0, exitCode);
        Assert.Equal(5, File.ReadAllLines(workspace.Combine("greetings.txt")).Length);
    }

    // A copy of the sample with a package folder of its own: an SDK of the same version that was packed earlier must not be found.
    static async Task PublishAsync(string sample, string target)
    {
        var feed = Path.Combine(Distribution.Root, "artifacts", "packages");
        Assert.True(Directory.Exists(feed), $"{feed} is missing; run `make pack` first");
        var copy = target + ".project";
        Directory.CreateDirectory(copy);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Distribution.Root, "samples", sample)))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        var start = new ProcessStartInfo(
            "dotnet",
            ["publish", copy, "-o", target, $"-p:RestorePackagesPath={copy}/packages", $"-p:RestoreAdditionalProjectSources={feed}"])
        {
            RedirectStandardOutput = true,
        };
        using var publish = Process.Start(start)!;
        var output = await publish.StandardOutput.ReadToEndAsync();
        await publish.WaitForExitAsync();
        Assert.True(publish.ExitCode == 0, output);
        Directory.Delete(copy, recursive: true);
    }
}
