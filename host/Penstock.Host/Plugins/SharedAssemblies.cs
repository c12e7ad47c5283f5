using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.Loader;

namespace Penstock.Host.Plugins;

/// <summary>
/// What the host answers for: the SDK, what its signatures need, and its shared frameworks. Everything else of the host, such as
/// the libraries it reads its config with, is private to it.
/// </summary>
sealed class SharedAssemblies
{
    readonly Dictionary<string, string> _frameworkFiles = new(StringComparer.OrdinalIgnoreCase);
    readonly HashSet<string> _sdkAssemblies = new(StringComparer.OrdinalIgnoreCase);
    readonly SortedSet<string> _frameworks = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, Version> _versions = new(StringComparer.OrdinalIgnoreCase);

    public SharedAssemblies()
    {
        var own = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        var platform = AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string ?? "";
        foreach (var file in platform.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            if (Path.GetDirectoryName(file) is { } directory && !string.Equals(directory, own, StringComparison.Ordinal))
            {
                _frameworkFiles.TryAdd(Path.GetFileNameWithoutExtension(file), file);
                // …/shared/Microsoft.NETCore.App/10.0.12/System.Runtime.dll
                _frameworks.Add(Path.GetFileName(Path.GetDirectoryName(directory)) ?? "");
            }
        }

        if (!_frameworkFiles.ContainsKey("System.Runtime"))
        {
            throw new InvalidOperationException(
                $"Expected .NET in a directory of its own, found it among the host's files in {own}; publish the host framework-dependent.");
        }

        AddWithReferences(Sdk);
    }

    /// <summary>The SDK that plugins are given.</summary>
    public static Assembly Sdk { get; } = typeof(PluginDefinition).Assembly;

    /// <summary>The shared frameworks the host runs on, by name.</summary>
    public IReadOnlyCollection<string> Frameworks => _frameworks;

    /// <summary>The SDK and those of its references that no framework has.</summary>
    public IReadOnlyCollection<string> SdkAssemblies => _sdkAssemblies;

    public bool Contains(string name) => _sdkAssemblies.Contains(name) || _frameworkFiles.ContainsKey(name);

    /// <summary>The version the host has of an assembly it shares.</summary>
    public Version VersionOf(string name) => _versions.GetOrAdd(
        name,
        key => (_frameworkFiles.TryGetValue(key, out var file) ? AssemblyName.GetAssemblyName(file) : Load(key).GetName()).Version!);

    /// <summary>
    /// The host's own assembly. It is handed to the plugin as an object: a plugin that was built with another version of the SDK
    /// asks for a version that the runtime would not find.
    /// </summary>
    public static Assembly Load(string name) => AssemblyLoadContext.Default.LoadFromAssemblyName(new AssemblyName(name));

    void AddWithReferences(Assembly assembly)
    {
        if (!_sdkAssemblies.Add(assembly.GetName().Name!))
        {
            return;
        }

        foreach (var reference in assembly.GetReferencedAssemblies())
        {
            if (!_frameworkFiles.ContainsKey(reference.Name!))
            {
                AddWithReferences(Load(reference.Name!));
            }
        }
    }
}
