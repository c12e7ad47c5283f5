namespace Penstock.Host.Tests.Plugins;

public sealed class DeclarationTests : IDisposable
{
    readonly PluginDirectory _plugins = new();

    public void Dispose() => _plugins.Dispose();

    [Fact]
    public void A_throwing_constructor_is_reported_by_name()
    {
        var file = _plugins.Add("ThrowingConstructor");

        Refusal.Names(
            _plugins.Open().Find<SourceDefinition>("throwing"),
            file,
            "the constructor of Penstock.Fixtures.ThrowingConstructor threw InvalidOperationException: the moon is in the wrong phase",
            "ask the plugin's author");
    }

    [Theory]
    [InlineData("no-definition", "expected Penstock.Fixtures.NoDefinition to be a class")]
    [InlineData("abstract", "expected Penstock.Fixtures.FixtureSource to be a class")]
    [InlineData("elsewhere", "names the type Penstock.PluginDefinition")]
    [InlineData("Not_A_Name", "lower-case letters, digits and hyphens, found \"Not_A_Name\"")]
    public void A_declaration_that_does_not_hold_is_refused(string name, string cause)
    {
        var file = _plugins.Add("ManyPlugins");

        Refusal.Names(_plugins.Open().Find<SourceDefinition>(name), file, cause, "ask the plugin's author");
    }

    [Fact]
    public void A_missing_type_is_refused()
    {
        var file = _plugins.Add("GoodSource");
        PluginDirectory.Replace(file, "Penstock.Fixtures.GoodSource", "Penstock.Fixtures.GoneSource");

        Refusal.Names(
            _plugins.Open().Find<SourceDefinition>("fixture"), file, "names the type Penstock.Fixtures.GoneSource", "ask the plugin's author");
    }

    [Fact]
    public void Two_plugins_of_one_kind_and_name_are_both_refused_naming_both_files_and_neither_runs()
    {
        var one = _plugins.Add("GoodSource", "one");
        var two = _plugins.Add("GoodSource", "two");
        _plugins.Add("GoodSink");

        var catalog = _plugins.Open();

        var sources = catalog.Entries.Where(entry => entry.Kind == Host.Plugins.PluginKind.Source).ToArray();
        Assert.Equal([one, two], sources.Select(entry => entry.File));
        Assert.All(sources, entry => Refusal.Names(entry, entry.File, $"more than one source is named \"fixture\": {one} and {two}", "remove all but one"));
        Refusal.LeftUnloaded(one);
        Refusal.LeftUnloaded(two);
        Assert.NotNull(catalog.Find<SinkDefinition>("fixture")?.Definition);
    }

    [Fact]
    public void A_broken_namesake_does_not_stand_in_the_way_of_a_good_plugin()
    {
        var good = _plugins.Add("GoodSource");
        _plugins.Add("NewerSdk");

        var catalog = _plugins.Open();

        Assert.Equal(2, catalog.Entries.Count);
        Assert.Equal(good, catalog.Find<SourceDefinition>("fixture")?.Definition?.GetType().Assembly.Location);
    }
}
