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
        const string Folder = "runtimes/linux-x64/native";
        Assert.SkipUnless(RuntimeInformation.RuntimeIdentifier.EndsWith("-x64", StringComparison.Ordinal), "The listed asset is for x64.");
        Directory.CreateDirectory(_plugins.PathOf("NativeCall", Folder));
        // Any library with a known function serves; this one is at hand.
        File.Copy(
            Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "libSystem.Native.so"),
            _plugins.PathOf("NativeCall", Folder, "libpenstock-fixture.so"));
        PluginDirectory.Replace(
            Path.ChangeExtension(file, ".deps.json"),
            "\"NativeCall.dll\": {}\n        }",
            $$"""
            "NativeCall.dll": {} }, "runtimeTargets": { "{{Folder}}/libpenstock-fixture.so": { "rid": "linux-x64", "assetType": "native" } }
            """);

        var definition = _plugins.Open().Find<SourceDefinition>("native")?.Definition;

        Assert.Equal(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), definition?.Summary);
    }

    [Fact]
    public void A_native_library_that_is_not_there_is_not_found()
    {
        _plugins.Add("NativeCall");

        var definition = _plugins.Open().Find<SourceDefinition>("native")?.Definition;

        Assert.Throws<DllNotFoundException>(() => definition!.Summary);
    }
}
