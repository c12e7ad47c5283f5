using System.Reflection;
using System.Runtime.Loader;
using Penstock.Host.Plugins;

namespace Penstock.Host.Tests.Plugins;

public sealed class DependencyTests : IDisposable
{
    const string Library = "Newtonsoft.Json";

    readonly PluginDirectory _plugins = new();
    readonly string _file;

    public DependencyTests() => _file = _plugins.Add("NewtonsoftTwelve");

    public void Dispose() => _plugins.Dispose();

    [Fact]
    public void A_library_that_is_listed_but_missing_is_refused_although_the_host_has_it()
    {
        Assert.NotNull(AssemblyLoadContext.Default.LoadFromAssemblyName(new AssemblyName(Library)));
        File.Delete(_plugins.PathOf("NewtonsoftTwelve", "Newtonsoft.Json.dll"));

        Refusal.Names(
            _plugins.Open().Find<SourceDefinition>("newtonsoft-12"),
            Path.ChangeExtension(_file, ".deps.json"),
            "lists Newtonsoft.Json.dll of Newtonsoft.Json/12.0.3, which is not in the plugin's folder",
            "publish output");
    }

    [Fact]
    public void A_library_that_is_neither_listed_nor_there_is_refused()
    {
        File.Delete(_plugins.PathOf("NewtonsoftTwelve", "Newtonsoft.Json.dll"));
        File.Delete(Path.ChangeExtension(_file, ".deps.json"));

        Refusal.Names(
            _plugins.Open().Find<SourceDefinition>("newtonsoft-12"), _file, "needs Newtonsoft.Json 12.0.0.0, which is not in its folder", "publish output");
    }

    [Fact]
    public void A_context_never_lends_the_host_s_private_library()
    {
        File.Delete(_plugins.PathOf("NewtonsoftTwelve", "Newtonsoft.Json.dll"));
        File.Delete(Path.ChangeExtension(_file, ".deps.json"));
        var context = OpenContext();

        var exception = Assert.Throws<FileNotFoundException>(() => context.LoadFromAssemblyName(new AssemblyName($"{Library}, Version=12.0.0.0")));

        Assert.Contains($"{_file} needs Newtonsoft.Json 12.0.0.0, which is not in its folder", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_context_takes_a_private_library_from_the_plugin_s_folder()
    {
        var assembly = OpenContext().LoadFromAssemblyName(new AssemblyName(Library));

        Assert.Equal(_plugins.PathOf("NewtonsoftTwelve", "Newtonsoft.Json.dll"), assembly.Location);
    }

    [Theory]
    [InlineData("Penstock.Sdk")]
    [InlineData("Microsoft.Extensions.Logging.Abstractions")]
    [InlineData("System.Text.Json")]
    public void A_context_answers_shared_names_with_the_host_s_own_assembly_whatever_lower_version_is_asked(string name)
    {
        var own = AssemblyLoadContext.Default.LoadFromAssemblyName(new AssemblyName(name));

        Assert.Same(own, OpenContext().LoadFromAssemblyName(new AssemblyName($"{name}, Version=0.1.0.0")));
    }

    [Fact]
    public void A_private_library_s_wish_for_a_newer_framework_is_refused_with_both_versions()
    {
        var exception = Assert.ThrowsAny<IOException>(() => OpenContext().LoadFromAssemblyName(new AssemblyName("System.Text.Json, Version=77.0.0.0")));

        Assert.Contains("needs System.Text.Json 77.0.0.0, this host provides 10.0.0.0", exception.ToString(), StringComparison.Ordinal);
    }

    PluginLoadContext OpenContext() =>
        new(new PluginCandidate(AssemblyManifestReader.Read(_file)!, new PluginFolder(Path.GetDirectoryName(_file)!)), new SharedAssemblies());
}
