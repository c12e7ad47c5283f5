using Penstock.Host.Plugins;

namespace Penstock.Host.Tests.Plugins;

/// <summary>Nothing a plugin's files say makes the host load from outside the plugin's folder, or takes the process down.</summary>
public sealed class ContainmentTests : IDisposable
{
    const string Name = "newtonsoft-12";

    readonly PluginDirectory _plugins = new();
    readonly string _deps;
    readonly string _library;

    public ContainmentTests()
    {
        _deps = Path.ChangeExtension(_plugins.Add("NewtonsoftTwelve"), ".deps.json");
        _library = _plugins.PathOf("NewtonsoftTwelve", "Newtonsoft.Json.dll");
    }

    public void Dispose() => _plugins.Dispose();

    [Theory]
    [InlineData("""{ "a.dll": { "assetType": "runtime" } }""", "a.dll to have a \"rid\"")]
    [InlineData("""{ "a.dll": { "rid": 7, "assetType": "runtime" } }""", "a.dll/rid to be of kind String, found Number")]
    [InlineData("""{ "a.dll": { "rid": "linux-x64" } }""", "a.dll to have a \"assetType\"")]
    [InlineData("""{ "a\u0000.dll": { "rid": "linux-x64", "assetType": "runtime" } }""", "Null character in path")]
    [InlineData("""{ "a\ud800.dll": { "rid": "linux-x64", "assetType": "runtime" } }""", "surrogate")]
    [InlineData("""{ "a.dll": null }""", "a.dll to be of kind Object, found Null")]
    [InlineData("""[]""", "runtimeTargets to be of kind Object, found Array")]
    [InlineData("""{ "../a.dll": { "rid": "linux-x64", "assetType": "runtime" } }""", "names \"../a.dll\", which leads out")]
    [InlineData("""{ "runtimes/../../a.so": { "rid": "linux-x64", "assetType": "native" } }""", "which leads out")]
    [InlineData("""{ "/tmp/a.so": { "rid": "linux-x64", "assetType": "native" } }""", "names \"/tmp/a.so\", which leads out")]
    [InlineData("""{ "a.dll": { "rid": "linux-x64", "assetType": "runtime", "localPath": "../a.dll" } }""", "names \"../a.dll\", which leads out")]
    public void A_hostile_runtime_target_is_refused(string runtimeTargets, string cause) => RefusesAsset("runtimeTargets", runtimeTargets, cause);

    [Theory]
    [InlineData("runtime")]
    [InlineData("native")]
    [InlineData("resources")]
    public void An_asset_outside_the_folder_is_refused(string group) =>
        RefusesAsset(group, """{ "../evil.dll": { "locale": "de" } }""", "names \"../evil.dll\", which leads out of the plugin's folder");

    [Theory]
    [InlineData("not json", "is an invalid JSON literal")]
    [InlineData("[]", "expected the file to be of kind Object, found Array")]
    [InlineData("""{ "targets": { "a": { "b": {}, "b": { } } } }""", "Duplicate property 'b'")]
    [InlineData("""{ "targets": 1 }""", "/targets to be of kind Object")]
    [InlineData("""{ "libraries": { "x/1": {} } }""", "expected /libraries/x~11 to have a \"type\"")]
    public void A_malformed_deps_json_is_refused(string content, string cause)
    {
        File.WriteAllText(_deps, content);

        Refuses(_deps, cause, "as the build wrote it");
    }

    [Theory]
    [InlineData("Newtonsoft.Json.dll")]
    [InlineData("libevil.so")]
    [InlineData("de/NewtonsoftTwelve.resources.dll")]
    public void A_link_that_leaves_the_folder_is_refused(string file)
    {
        var link = _plugins.PathOf("NewtonsoftTwelve", file);
        var target = Path.Combine(BuildFacts.Fixture("NewtonsoftTwelve"), "Newtonsoft.Json.dll");
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        File.Delete(link);
        File.CreateSymbolicLink(link, target);

        Refuses(link, $"leads out of the plugin's folder, to {target}", "a copy");
    }

    [Fact]
    public void A_directory_link_that_leaves_the_folder_is_refused_without_being_followed()
    {
        var link = _plugins.PathOf("NewtonsoftTwelve", "runtimes");
        Directory.CreateSymbolicLink(link, "..");

        Refuses(link, $"leads out of the plugin's folder, to {_plugins.Root}", "a copy");
    }

    [Fact]
    public void A_link_that_stays_in_the_folder_is_taken()
    {
        File.Move(_library, _plugins.PathOf("NewtonsoftTwelve", "library"));
        File.CreateSymbolicLink(_library, "library");

        Assert.Equal("12.0.0.0", _plugins.Open().Find<SourceDefinition>(Name)?.Definition?.Summary);
    }

    [Fact]
    public void Links_in_a_circle_are_reported()
    {
        var link = _plugins.PathOf("NewtonsoftTwelve", "circle");
        File.CreateSymbolicLink(link, "circle");

        var problem = Assert.Single(_plugins.Open().Problems);
        Refusal.Names(problem, _plugins.PathOf("NewtonsoftTwelve"), "go in a circle", "mend its permissions or links");
    }

    [Fact]
    public void A_file_that_becomes_a_link_after_the_check_is_not_loaded()
    {
        var file = _plugins.PathOf("NewtonsoftTwelve", "NewtonsoftTwelve.dll");
        var context = new PluginLoadContext(
            new PluginCandidate(AssemblyManifestReader.Read(file)!, new PluginFolder(_plugins.PathOf("NewtonsoftTwelve"))), new SharedAssemblies());
        File.Delete(_library);
        File.CreateSymbolicLink(_library, Path.Combine(BuildFacts.Fixture("NewtonsoftTwelve"), "Newtonsoft.Json.dll"));

        var exception = Assert.ThrowsAny<IOException>(() => context.LoadFromAssemblyName(new("Newtonsoft.Json")));

        Assert.Contains("which lies outside its folder", exception.ToString(), StringComparison.Ordinal);
    }

    void RefusesAsset(string group, string assets, string cause)
    {
        const string LibraryInTarget = "\"Newtonsoft.Json/12.0.3\": {\n        \"runtime\"";
        PluginDirectory.Replace(_deps, LibraryInTarget, $"\"Evil/1\": {{ \"{group}\": {assets} }}, {LibraryInTarget}");
        Refuses(_deps, cause, "as the build wrote it");
    }

    void Refuses(string file, string cause, string remedy)
    {
        Refusal.Names(_plugins.Open().Find<SourceDefinition>(Name), file, cause, remedy);
        Refusal.LeftUnloaded(_plugins.PathOf("NewtonsoftTwelve", "NewtonsoftTwelve.dll"));
    }
}
