using Microsoft.Extensions.Logging;

namespace Penstock.Host.Plugins;

/// <summary>The plugins of the given directories, read once at start.</summary>
sealed class PluginCatalog : IPluginCatalog
{
    PluginCatalog(IReadOnlyList<PluginEntry> entries, IReadOnlyList<PluginProblem> problems)
    {
        Entries = entries;
        Problems = problems;
    }

    public IReadOnlyList<PluginEntry> Entries { get; }

    public IReadOnlyList<PluginProblem> Problems { get; }

    /// <param name="directories">Absolute paths.</param>
    /// <param name="logger">Told about everything that was refused or looks wrong.</param>
    public static PluginCatalog Open(IEnumerable<string> directories, ILogger<PluginCatalog> logger)
    {
        var shared = new SharedAssemblies();
        var discovery = new PluginDiscovery(shared, logger);
        discovery.Search(directories);

        var found = discovery.Candidates.SelectMany(plugin => PluginLoader.Inspect(plugin, shared)).ToArray();
        // Refused before any of them runs; after loading again, for those whose metadata does not tell their kind.
        PluginLoader.RefuseDuplicates(found);
        PluginLoader.Load(found, shared);
        PluginLoader.RefuseDuplicates(found);

        var catalog = new PluginCatalog(
            [.. found.Select(plugin => plugin.Entry).OrderBy(entry => entry.Name, StringComparer.Ordinal)],
            discovery.Problems);
        catalog.Report(logger);
        return catalog;
    }

    public PluginEntry? Find<TDefinition>(string name)
        where TDefinition : PluginDefinition
    {
        PluginKind? wanted = typeof(TDefinition) == typeof(SourceDefinition) ? PluginKind.Source
            : typeof(TDefinition) == typeof(SinkDefinition) ? PluginKind.Sink
            : null;
        PluginEntry? broken = null;
        foreach (var entry in Entries)
        {
            if (entry.Name != name || (wanted is not null && entry.Kind is not null && entry.Kind != wanted))
            {
                continue;
            }

            if (entry.Definition is TDefinition)
            {
                return entry;
            }

            broken ??= entry;
        }

        return broken;
    }

    void Report(ILogger logger)
    {
        foreach (var entry in Entries)
        {
            if (entry.Problem is { } problem)
            {
                logger.Refused(entry.Name, problem);
            }
            else
            {
                logger.Loaded(entry.Kind, entry.Name, entry.Version, entry.File);
            }
        }

        foreach (var problem in Problems)
        {
            logger.NoPlugin(problem);
        }
    }
}
