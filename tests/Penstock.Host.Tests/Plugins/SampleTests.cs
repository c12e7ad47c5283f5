using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using System.Xml.Linq;
using Microsoft.Extensions.Logging.Abstractions;
using Penstock.Host.Plugins;
using Penstock.TestServers;

namespace Penstock.Host.Tests.Plugins;

/// <summary>The samples are built as a third party would: against the packed SDK, from a feed, outside this repository.</summary>
public sealed class SampleTests : IDisposable
{
    // This build has restored them.
    static readonly string[] SdkDependencies = ["microsoft.extensions.logging.abstractions", "microsoft.extensions.dependencyinjection.abstractions"];

    readonly TempDirectory _temp = new("samples");

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task Plugins_built_against_the_packed_sdk_load_from_their_folders_and_move_events()
    {
        await BuildSamplesAsync();
        var log = new RecordingLogger<PluginCatalog>();

        var catalog = PluginCatalog.Open([_temp.Combine("plugins")], log);

        Assert.Empty(catalog.Problems);
        Assert.All(catalog.Entries, entry => Assert.Null(entry.Problem));
        Assert.Empty(log.At(Microsoft.Extensions.Logging.LogLevel.Warning));
        var source = Assert.IsType<SourceDefinition>(catalog.Find<SourceDefinition>("hello")?.Definition, exactMatch: false);
        var sink = Assert.IsType<SinkDefinition>(catalog.Find<SinkDefinition>("hello")?.Definition, exactMatch: false);
        var file = _temp.Combine("hello.txt");
        await MoveAsync(source, sink, file);
        Assert.Equal(
            [
                "p/s:00000000/00000000/00000000/00000001 Hello world, for the 1. time",
                "p/s:00000000/00000000/00000000/00000002 Hello world, for the 2. time",
                "p/s:00000000/00000000/00000000/00000003 Hello world, for the 3. time",
            ],
            await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken));
        AssertFolderIsLean("hello-source", "HelloSource");
        AssertFolderIsLean("hello-sink", "HelloSink");
    }

    static async Task MoveAsync(SourceDefinition sourcePlugin, SinkDefinition sinkPlugin, string file)
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var meter = new Meter("test");
        var sourceContext = new SourceContext
        {
            Pipeline = "p",
            Instance = "s",
            LoggerFactory = NullLoggerFactory.Instance,
            TimeProvider = TimeProvider.System,
            Meter = meter,
        };
        var sinkContext = new SinkContext
        {
            Pipeline = "p",
            Instance = "t",
            Lane = 0,
            LaneCount = 1,
            LoggerFactory = NullLoggerFactory.Instance,
            TimeProvider = TimeProvider.System,
            Meter = meter,
        };
        var sinkOptions = Activator.CreateInstance(sinkPlugin.OptionsType)!;
        sinkPlugin.OptionsType.GetProperty("Path", BindingFlags.Public | BindingFlags.Instance)!.SetValue(sinkOptions, file);
        await using var source = sourcePlugin.CreateSource(Activator.CreateInstance(sourcePlugin.OptionsType)!, sourceContext);
        await using var sink = sinkPlugin.CreateSink(sinkOptions, sinkContext);
        await sink.OpenAsync(cancellation);
        var origin = new EventOrigin("p", "s", DeliveryGuarantee.AtLeastOnce);
        await foreach (var message in source.ReadAsync([], cancellation))
        {
            if (message is ChangeEvent change)
            {
                change.Stamp(origin, 1);
                await sink.WriteAsync([change], cancellation);
            }
        }
    }

    void AssertFolderIsLean(string folder, string assembly)
    {
        Assert.Equal([assembly + ".dll"], Directory.GetFiles(_temp.Combine("plugins", folder), "*.dll").Select(Path.GetFileName));
        var deps = File.ReadAllText(_temp.Combine("plugins", folder, assembly + ".deps.json"));
        Assert.Contains(assembly, deps, StringComparison.Ordinal);
        Assert.DoesNotContain("Penstock.Sdk", deps, StringComparison.Ordinal);
        Assert.DoesNotContain("Microsoft.Extensions", deps, StringComparison.Ordinal);
    }

    async Task BuildSamplesAsync()
    {
        foreach (var package in SdkDependencies)
        {
            PluginDirectory.CopyTree(Path.Combine(BuildFacts.PackageFolder, package), _temp.Combine("packages", package));
        }

        foreach (var file in Files("."))
        {
            Copy(file, _temp.Combine("samples", Path.GetFileName(file)));
        }

        await DotnetAsync(
            "pack", Path.Combine(BuildFacts.Repository, "sdk", "Penstock.Sdk"), "--no-build", "-c", BuildFacts.Configuration, "-o", Feed());
        await Task.WhenAll(BuildSampleAsync("hello-source"), BuildSampleAsync("hello-sink"));
    }

    // The feed alone: a test asks no registry.
    Task BuildSampleAsync(string sample)
    {
        foreach (var file in Files(sample))
        {
            Copy(file, _temp.Combine("samples", sample, Path.GetFileName(file)));
        }

        return DotnetAsync(
            "publish", _temp.Combine("samples", sample), "--source", Feed(), "-p:NuGetAudit=false", "-o", _temp.Combine("plugins", sample));
    }

    static string[] Files(string folder) => Directory.GetFiles(Path.Combine(BuildFacts.Repository, "samples", folder));

    /// <summary>Where the samples' own configuration says the packed SDK is.</summary>
    string Feed()
    {
        var config = XDocument.Load(_temp.Combine("samples", "nuget.config"));
        var feed = config.Descendants("add").Single(source => (string?)source.Attribute("key") == "penstock");
        return Path.GetFullPath((string)feed.Attribute("value")!, _temp.Combine("samples"));
    }

    static void Copy(string source, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Copy(source, target);
    }

    async Task DotnetAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _temp.Path };
        start.Environment["NUGET_PACKAGES"] = _temp.Combine("packages");
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}\n{await output}\n{await errors}");
    }
}
