namespace Penstock.Host.Plugins;

/// <summary>A plugin that was found: loaded, with its <see cref="Definition"/>, or broken, with its <see cref="Problem"/>.</summary>
sealed record PluginEntry(string Name, string Version, string File)
{
    /// <summary>Null only for a broken plugin whose metadata does not tell.</summary>
    public PluginKind? Kind { get; init; }

    public PluginDefinition? Definition { get; init; }

    public PluginProblem? Problem { get; init; }
}
