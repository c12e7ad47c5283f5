using Penstock.Host.Plugins;

namespace Penstock.Host.Tests.Configuration;

/// <summary>Plugins without files.</summary>
sealed class TestCatalog : IPluginCatalog
{
    readonly List<PluginEntry> _entries = [];

    public IReadOnlyList<PluginEntry> Entries => _entries;

    public IReadOnlyList<PluginProblem> Problems { get; init; } = [];

    /// <summary>The plugins that most tests use.</summary>
    public static TestCatalog Usual() => new TestCatalog()
        .Add("stream", new StreamPlugin())
        .Add("print", new PrintPlugin())
        .Add("shape", new SchemaPlugin<ShapeOptions>(ShapeOptions.Schema))
        .AddBroken("crashed");

    public TestCatalog Add(string name, PluginDefinition definition)
    {
        _entries.Add(new PluginEntry(name, "1.2.0", $"/plugins/{name}/{name}.dll") { Definition = definition });
        return this;
    }

    public TestCatalog AddBroken(string name)
    {
        var file = $"/plugins/{name}/{name}.dll";
        _entries.Add(new PluginEntry(name, "0.9.0", file) { Problem = new PluginProblem(file, "Some.Library is missing", "publish the plugin again") });
        return this;
    }

    public PluginEntry? Find<TDefinition>(string name)
        where TDefinition : PluginDefinition =>
        _entries.Find(e => e.Name == name && e.Definition is TDefinition) ?? _entries.Find(e => e.Name == name && e.Definition is null);
}
