using System.Globalization;
using System.Runtime.Loader;
using Microsoft.Extensions.Logging;
using Penstock.Host.Plugins;

namespace Penstock.Host.Tests.Plugins;

public sealed class PluginLoadingTests : IDisposable
{
    readonly PluginDirectory _plugins = new();

    public void Dispose() => _plugins.Dispose();

    [Fact]
    public void A_plugin_s_definition_is_the_host_s_type_although_its_class_is_in_a_context_of_its_own()
    {
        var file = _plugins.Add("GoodSource");

        var entry = _plugins.Open().Find<SourceDefinition>("fixture");

        var definition = Assert.IsType<SourceDefinition>(entry?.Definition, exactMatch: false);
        Assert.Equal(("fixture", PluginKind.Source, file), (entry!.Name, entry.Kind, entry.File));
        Assert.Equal(SdkVersion.HostText, entry.Version);
        Assert.Equal(file, definition.GetType().Assembly.Location);
        Assert.NotSame(AssemblyLoadContext.Default, ContextOf(definition));
        Assert.False(ContextOf(definition).IsCollectible);
        Assert.Contains(file, Refusal.Loaded);
    }

    [Fact]
    public void A_source_and_a_sink_may_share_a_name()
    {
        _plugins.Add("GoodSource");
        _plugins.Add("GoodSink");

        var catalog = _plugins.Open();

        Assert.Equal("GoodSource", catalog.Find<SourceDefinition>("fixture")?.Definition?.GetType().Name);
        Assert.Equal("GoodSink", catalog.Find<SinkDefinition>("fixture")?.Definition?.GetType().Name);
        Assert.NotNull(catalog.Find<PluginDefinition>("fixture")?.Definition);
        Assert.Empty(catalog.Problems);
    }

    [Fact]
    public void A_name_of_the_other_kind_and_an_unknown_name_are_not_found()
    {
        _plugins.Add("GoodSource");

        var catalog = _plugins.Open();

        Assert.NotNull(catalog.Find<SourceDefinition>("fixture"));
        Assert.Null(catalog.Find<SinkDefinition>("fixture"));
        Assert.Null(catalog.Find<SourceDefinition>("fixtures"));
    }

    [Fact]
    public void Two_plugins_run_with_different_major_versions_of_one_library_side_by_side()
    {
        _plugins.Add("NewtonsoftTwelve");
        _plugins.Add("NewtonsoftThirteen");

        var catalog = _plugins.Open();

        var twelve = catalog.Find<SourceDefinition>("newtonsoft-12")?.Definition;
        var thirteen = catalog.Find<SourceDefinition>("newtonsoft-13")?.Definition;
        Assert.Equal("12.0.0.0", twelve?.Summary);
        Assert.Equal("13.0.0.0", thirteen?.Summary);
        Assert.NotSame(ContextOf(twelve!), ContextOf(thirteen!));
    }

    [Fact]
    public void The_plugins_of_one_assembly_share_a_context_and_its_statics()
    {
        _plugins.Add("ManyPlugins");

        var catalog = _plugins.Open();
        var first = catalog.Find<SourceDefinition>("first")?.Definition;
        var second = catalog.Find<SourceDefinition>("second")?.Definition;

        Assert.Same(ContextOf(first!), ContextOf(second!));
        Assert.Equal(1 + int.Parse(first!.Summary, CultureInfo.InvariantCulture), int.Parse(second!.Summary, CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Broken_plugins_do_not_disturb_the_others()
    {
        _plugins.Add("GoodSource");
        _plugins.Add("ManyPlugins");
        _plugins.Add("NewerSdk");
        _plugins.Add("ThrowingConstructor");
        File.WriteAllText(_plugins.PathOf("readme.dll"), "no assembly");

        var catalog = _plugins.Open();

        Assert.Equal(["first", "fixture", "second"], catalog.Entries.Where(entry => entry.Definition is not null).Select(entry => entry.Name));
        Assert.Equal(
            ["Not_A_Name", "abstract", "elsewhere", "fixture", "no-definition", "throwing"],
            catalog.Entries.Where(entry => entry.Problem is not null).Select(entry => entry.Name));
        Assert.NotNull(catalog.Find<SourceDefinition>("fixture")?.Definition);
        Assert.Equal(6, _plugins.Log.At(LogLevel.Error).Count());
        Assert.Contains("readme.dll", Assert.Single(_plugins.Log.At(LogLevel.Warning)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_plugin_in_the_sdk_s_readme_compiles_and_loads()
    {
        _plugins.Add("Readme");

        Assert.Equal("Counts what arrives.", _plugins.Open().Find<SinkDefinition>("count")?.Definition?.Summary);
    }

    [Fact]
    public void A_copy_of_the_sdk_beside_the_plugin_is_ignored_with_a_warning_that_names_it()
    {
        _plugins.Add("GoodSource");
        var copy = _plugins.PathOf("GoodSource", "Penstock.Sdk.dll");
        File.Copy(typeof(PluginDefinition).Assembly.Location, copy);
        File.Delete(_plugins.PathOf("GoodSource", "GoodSource.deps.json"));

        var entry = _plugins.Open().Find<SourceDefinition>("fixture");

        Assert.IsType<SourceDefinition>(entry?.Definition, exactMatch: false);
        Assert.Contains(copy, Assert.Single(_plugins.Log.At(LogLevel.Warning)), StringComparison.Ordinal);
        Refusal.LeftUnloaded(copy);
    }

    [Fact]
    public void A_directory_named_twice_is_searched_once()
    {
        _plugins.Add("GoodSource");
        var link = _plugins.Root + "-link";
        Directory.CreateSymbolicLink(link, _plugins.Root);
        try
        {
            var catalog = PluginCatalog.Open([_plugins.Root, link, _plugins.Root + "/"], _plugins.Log);

            Assert.NotNull(Assert.Single(catalog.Entries).Definition);
        }
        finally
        {
            File.Delete(link);
        }
    }

    [Fact]
    public void A_directory_that_others_can_write_to_is_reported()
    {
        _plugins.Add("GoodSource");
        File.SetUnixFileMode(_plugins.PathOf("GoodSource"), File.GetUnixFileMode(_plugins.PathOf("GoodSource")) | UnixFileMode.GroupWrite);

        _plugins.Open();

        var warning = Assert.Single(_plugins.Log.At(LogLevel.Warning));
        Assert.Contains(_plugins.PathOf("GoodSource"), warning, StringComparison.Ordinal);
        Assert.Contains("chmod", warning, StringComparison.Ordinal);
    }

    static AssemblyLoadContext ContextOf(PluginDefinition definition) => AssemblyLoadContext.GetLoadContext(definition.GetType().Assembly)!;
}
