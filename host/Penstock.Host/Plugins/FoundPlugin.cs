namespace Penstock.Host.Plugins;

/// <summary>A declared plugin on its way into the catalog.</summary>
sealed class FoundPlugin(PluginCandidate candidate, PluginDeclaration declaration, PluginEntry entry)
{
    public PluginCandidate Candidate { get; } = candidate;

    public PluginDeclaration Declaration { get; } = declaration;

    public PluginEntry Entry { get; set; } = entry;
}
