namespace Penstock.Host.Plugins;

/// <summary>The plugins that were found in the plugin directories.</summary>
interface IPluginCatalog
{
    /// <summary>Every plugin that declares a name, loaded or broken, by name.</summary>
    IReadOnlyList<PluginEntry> Entries { get; }

    /// <summary>Files in the plugin directories that are no plugin although they look like one.</summary>
    IReadOnlyList<PluginProblem> Problems { get; }

    /// <summary>
    /// The plugin of this kind (<see cref="SourceDefinition"/> or <see cref="SinkDefinition"/>) and name; a broken one of that name
    /// when none works; null when there is none.
    /// </summary>
    PluginEntry? Find<TDefinition>(string name)
        where TDefinition : PluginDefinition;
}
