namespace Penstock.Host.Plugins;

/// <summary>Whether the files around a plugin's assembly are complete, well-formed and inside its folder.</summary>
static class FolderCheck
{
    public static PluginProblem? Check(PluginCandidate candidate, SharedAssemblies shared) => candidate.Folder is { } folder
        ? CheckLinks(folder) ?? RuntimeConfigFile.Check(candidate.File, shared) ?? CheckDeps(candidate, folder, shared)
        : CheckBare(candidate.Manifest, shared);

    static PluginProblem? CheckLinks(PluginFolder folder) => folder.Escape is { } link
        ? new(link, $"it is a link that leads out of the plugin's folder, to {RealPath.Of(link)}", "replace it by a copy of the file")
        : null;

    static PluginProblem? CheckDeps(PluginCandidate candidate, PluginFolder folder, SharedAssemblies shared)
    {
        var deps = Path.ChangeExtension(candidate.File, ".deps.json");
        if (File.Exists(deps))
        {
            return DepsFile.Check(deps, folder.Root);
        }

        var count = folder.Libraries.Count(file => !shared.Contains(Path.GetFileNameWithoutExtension(file)));
        return count > 1
            ? new(
                candidate.File,
                $"its folder has {count} DLLs but no {Path.GetFileName(deps)}, without which native and culture-specific files are not found",
                $"build it with EnableDynamicLoading set to true, as the Penstock.Sdk package does, and put its whole publish output into the folder")
            : null;
    }

    static PluginProblem? CheckBare(AssemblyManifest manifest, SharedAssemblies shared)
    {
        foreach (var reference in manifest.References)
        {
            if (!shared.Contains(reference.Name!))
            {
                return new(
                    manifest.File,
                    $"it needs {reference.Name} {reference.Version}, which is private to it, and a DLL directly in a plugin directory can have nothing private",
                    "put it in a folder of its own, with everything it needs");
            }
        }

        return null;
    }
}
