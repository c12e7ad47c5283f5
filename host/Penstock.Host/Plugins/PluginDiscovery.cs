using Microsoft.Extensions.Logging;

namespace Penstock.Host.Plugins;

/// <summary>Finds the assemblies that declare plugins: one folder is one plugin, and so is a DLL directly in a plugin directory.</summary>
sealed class PluginDiscovery(SharedAssemblies shared, ILogger logger)
{
    readonly List<PluginCandidate> _candidates = [];
    readonly List<PluginProblem> _problems = [];

    public IReadOnlyList<PluginCandidate> Candidates => _candidates;

    public IReadOnlyList<PluginProblem> Problems => _problems;

    public void Search(IEnumerable<string> directories)
    {
        // The host's own directory may be named in the config too; searched twice, all its plugins would be duplicates.
        foreach (var directory in directories.Select(RealPath.Of).Distinct(StringComparer.Ordinal))
        {
            if (Directory.Exists(directory))
            {
                SearchDirectory(directory);
            }
            else
            {
                Report(directory, "expected a directory of plugins, found none", "create it, or take it out of plugins.directories");
            }
        }
    }

    void SearchDirectory(string directory)
    {
        WarnIfWritable(directory);
        foreach (var folder in Directory.GetDirectories(directory).Order(StringComparer.Ordinal))
        {
            if (!Path.GetFileName(folder).StartsWith('.'))
            {
                WarnIfWritable(folder);
                Attempt(folder, SearchFolder);
            }
        }

        foreach (var file in Directory.GetFiles(directory, "*.dll").Order(StringComparer.Ordinal))
        {
            Attempt(file, SearchBareFile);
        }
    }

    void SearchFolder(string path)
    {
        var folder = new PluginFolder(path);
        var known = _candidates.Count + _problems.Count;
        foreach (var file in folder.Libraries)
        {
            if (IsSdk(file))
            {
                logger.StraySdk(file);
            }
            else if (folder.IsTopLevel(file) && Read(file) is { Plugins.Count: > 0 } manifest)
            {
                _candidates.Add(new PluginCandidate(manifest, folder));
            }
        }

        if (_candidates.Count + _problems.Count == known)
        {
            Report(path, "expected a DLL that declares [assembly: Plugin(…)], found none", "put the plugin's whole build or publish output here");
        }
    }

    void SearchBareFile(string file)
    {
        if (IsSdk(file))
        {
            logger.StraySdk(file);
        }
        else if (Read(file) is { Plugins.Count: > 0 } manifest)
        {
            _candidates.Add(new PluginCandidate(manifest, null));
        }
        else if (!_problems.Exists(problem => problem.File == file))
        {
            Report(
                file,
                "expected a DLL that declares [assembly: Plugin(…)], found one without",
                "if a plugin needs it, put both into a folder of their own; otherwise delete it");
        }
    }

    AssemblyManifest? Read(string file)
    {
        try
        {
            return AssemblyManifestReader.Read(file);
        }
        catch (BadImageFormatException)
        {
            Report(file, "expected a .NET assembly, found a file that is none or is damaged", "copy the file again, or delete it");
            return null;
        }
    }

    void Attempt(string path, Action<string> search)
    {
        try
        {
            search(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Report(path, $"it cannot be read: {exception.Message}", "mend its permissions or links");
        }
    }

    bool IsSdk(string file) => shared.SdkAssemblies.Contains(Path.GetFileNameWithoutExtension(file));

    void WarnIfWritable(string directory)
    {
        if (!OperatingSystem.IsWindows()
            && (File.GetUnixFileMode(directory) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0)
        {
            logger.WritableByOthers(directory);
        }
    }

    void Report(string file, string cause, string remedy) => _problems.Add(new PluginProblem(file, cause, remedy));
}
