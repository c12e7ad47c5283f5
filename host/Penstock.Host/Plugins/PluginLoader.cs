using System.Text.RegularExpressions;

namespace Penstock.Host.Plugins;

/// <summary>Turns assemblies that declare plugins into entries: checks first, code afterwards.</summary>
static partial class PluginLoader
{
    /// <summary>One entry per declared plugin, broken when a check refuses it.</summary>
    public static IEnumerable<FoundPlugin> Inspect(PluginCandidate plugin, SharedAssemblies shared)
    {
        var problem = Check(plugin, shared);
        foreach (var declaration in plugin.Manifest.Plugins)
        {
            var entry = new PluginEntry(declaration.Name, plugin.Manifest.Version, plugin.File)
            {
                Kind = declaration.Kind,
                Problem = problem ?? CheckName(declaration.Name, plugin.File),
            };
            yield return new FoundPlugin(plugin, declaration, entry);
        }
    }

    /// <summary>A config could mean either, so neither is used; one that is broken anyway stands in nobody's way.</summary>
    public static void RefuseDuplicates(IEnumerable<FoundPlugin> plugins)
    {
        foreach (var group in plugins.Where(IsUsable).Where(plugin => plugin.Entry.Kind is not null)
            .GroupBy(plugin => (plugin.Entry.Kind, plugin.Entry.Name)).Where(group => group.Count() > 1))
        {
            var files = string.Join(" and ", group.Select(plugin => plugin.Entry.File));
            foreach (var plugin in group)
            {
                plugin.Entry = plugin.Entry with
                {
                    Definition = null,
                    Problem = new(
                        plugin.Entry.File,
                        $"more than one {(group.Key.Kind == PluginKind.Source ? "source" : "sink")} is named \"{group.Key.Name}\": {files}",
                        "remove all but one"),
                };
            }
        }
    }

    public static void Load(IEnumerable<FoundPlugin> plugins, SharedAssemblies shared)
    {
        foreach (var assembly in plugins.Where(IsUsable).GroupBy(plugin => plugin.Candidate))
        {
            var activator = new PluginActivator(assembly.Key, shared);
            foreach (var plugin in assembly)
            {
                plugin.Entry = activator.Activate(plugin.Entry, plugin.Declaration.TypeName);
            }
        }
    }

    static PluginProblem? Check(PluginCandidate plugin, SharedAssemblies shared)
    {
        try
        {
            return CompatibilityCheck.Check(plugin.Manifest, shared) ?? FolderCheck.Check(plugin, shared);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new(plugin.File, $"a file beside it cannot be read: {exception.Message}", "mend its permissions or links");
        }
    }

    static bool IsUsable(FoundPlugin plugin) => plugin.Entry.Problem is null;

    static PluginProblem? CheckName(string name, string file) => NamePattern().IsMatch(name)
        ? null
        : new(file, $"expected a plugin name of 1 to 63 lower-case letters, digits and hyphens, found \"{name}\"", "ask the plugin's author to rename it");

    [GeneratedRegex(@"^[a-z0-9-]{1,63}\z")]
    private static partial Regex NamePattern();
}
