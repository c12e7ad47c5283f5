using Penstock.Host.Plugins;

namespace Penstock.Host.Tests.Plugins;

public sealed class FolderTests : IDisposable
{
    readonly PluginDirectory _plugins = new();

    public void Dispose() => _plugins.Dispose();

    [Fact]
    public void A_dll_that_is_no_assembly_is_reported_with_its_path()
    {
        var file = _plugins.PathOf("broken", "broken.dll");
        Directory.CreateDirectory(_plugins.PathOf("broken"));
        File.WriteAllText(file, "This is not an assembly.");

        Refusal.Names(Assert.Single(_plugins.Open().Problems), file, "expected a .NET assembly", "copy the file again");
    }

    [Fact]
    public void A_torn_assembly_is_reported_with_its_path()
    {
        var file = _plugins.Add("GoodSource");
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..1500]);

        Refusal.Names(Assert.Single(_plugins.Open().Problems), file, "is none or is damaged", "copy the file again");
    }

    [Fact]
    public void An_assembly_torn_at_any_length_is_read_or_refused_never_fatal()
    {
        var image = File.ReadAllBytes(_plugins.Add("GoodSource"));
        var torn = _plugins.PathOf("torn.dll");
        var refused = 0;
        for (var length = 0; length < image.Length; length += 61)
        {
            File.WriteAllBytes(torn, image[..length]);
            refused += Record.Exception(() => AssemblyManifestReader.Read(torn)) switch
            {
                null => 0,
                BadImageFormatException => 1,
                var other => throw other,
            };
        }

        Assert.InRange(refused, 10, image.Length);
    }

    [Fact]
    public void A_file_that_cannot_be_read_breaks_its_plugin_alone()
    {
        var file = _plugins.Add("GoodSource");
        var config = Path.ChangeExtension(file, ".runtimeconfig.json");
        File.Delete(config);
        Directory.CreateSymbolicLink(config, "GoodSource.runtimeconfig.json");
        _plugins.Add("GoodSink");

        var catalog = _plugins.Open();

        Refusal.Names(Assert.Single(catalog.Problems), _plugins.PathOf("GoodSource"), "cannot be read", "mend its permissions or links");
        Assert.NotNull(catalog.Find<SinkDefinition>("fixture")?.Definition);
    }

    [Fact]
    public void A_folder_without_a_plugin_is_reported()
    {
        Directory.CreateDirectory(_plugins.PathOf("empty"));

        Refusal.Names(Assert.Single(_plugins.Open().Problems), _plugins.PathOf("empty"), "[assembly: Plugin(…)], found none", "publish output");
    }

    [Fact]
    public void A_directory_that_does_not_exist_is_reported()
    {
        var catalog = PluginCatalog.Open([_plugins.PathOf("nowhere")], _plugins.Log);

        Refusal.Names(Assert.Single(catalog.Problems), _plugins.PathOf("nowhere"), "found none", "plugins.directories");
    }

    [Fact]
    public void Several_dlls_without_a_deps_json_are_refused()
    {
        var file = _plugins.Add("NewtonsoftTwelve");
        File.Delete(Path.ChangeExtension(file, ".deps.json"));

        Refusal.Names(
            _plugins.Open().Find<SourceDefinition>("newtonsoft-12"), file, "2 DLLs but no NewtonsoftTwelve.deps.json", "EnableDynamicLoading");
    }

    [Fact]
    public void A_bare_dll_that_needs_nothing_private_is_a_plugin()
    {
        var file = _plugins.AddBare("GoodSource");
        _plugins.AddBare("GoodSink");

        var catalog = _plugins.Open();

        Assert.Equal(file, catalog.Find<SourceDefinition>("fixture")?.Definition?.GetType().Assembly.Location);
        Assert.NotNull(catalog.Find<SinkDefinition>("fixture")?.Definition);
    }

    [Fact]
    public void A_bare_dll_that_needs_a_library_is_refused_even_if_the_library_lies_beside_it()
    {
        var file = _plugins.AddBare("NewtonsoftTwelve");
        var library = _plugins.PathOf("Newtonsoft.Json.dll");
        File.Copy(Path.Combine(BuildFacts.Fixture("NewtonsoftTwelve"), "Newtonsoft.Json.dll"), library);

        var catalog = _plugins.Open();

        Refusal.Names(catalog.Find<SourceDefinition>("newtonsoft-12"), file, "needs Newtonsoft.Json 12.0.0.0, which is private", "put it in a folder of its own");
        Refusal.Names(Assert.Single(catalog.Problems), library, "found one without", "a folder of their own");
    }
}
