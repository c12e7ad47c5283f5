using System.Globalization;
using System.Runtime.InteropServices;

namespace Penstock.Host.Tests.Plugins;

public sealed class NativeLibraryTests : IDisposable
{
    readonly PluginDirectory _plugins = new();

    public void Dispose() => _plugins.Dispose();

    [Fact]
    public void A_native_library_is_found_where_the_deps_json_lists_it_for_this_platform()
    {
        var file = _plugins.Add("NativeCall");
        var platform = $"linux-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
        var folder = $"runtimes/{platform}/native";
        Directory.CreateDirectory(_plugins.PathOf("NativeCall", folder));
        // Any library with a known function serves; this one is at hand.
        File.Copy(
            Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "libSystem.Native.so"),
            _plugins.PathOf("NativeCall", folder, "libpenstock-fixture.so"));
        PluginDirectory.Replace(
            Path.ChangeExtension(file, ".deps.json"),
            "\"NativeCall.dll\": {}\n        }",
            $$"""
            "NativeCall.dll": {} }, "runtimeTargets": { "{{folder}}/libpenstock-fixture.so": { "rid": "{{platform}}", "assetType": "native" } }
            """);

        var definition = _plugins.Open().Find<SourceDefinition>("native")?.Definition;

        Assert.Equal(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), definition?.Summary);
    }

    [Fact]
    public void A_plugin_whose_native_library_is_not_there_is_refused()
    {
        _plugins.Add("NativeCall");

        var problem = _plugins.Open().Find<SourceDefinition>("native")?.Problem;

        Assert.Contains("penstock-fixture", problem?.Cause, StringComparison.Ordinal);
    }
}
