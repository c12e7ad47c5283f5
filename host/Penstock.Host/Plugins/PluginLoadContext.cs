using System.Reflection;
using System.Runtime.Loader;

namespace Penstock.Host.Plugins;

/// <summary>
/// One per plugin assembly, for the life of the process: a changed plugin needs a new process, because a context that can be
/// unloaded runs no precompiled code and is kept alive by many an innocent call anyway.
/// </summary>
/// <remarks>A separate context keeps versions apart. It is no security boundary: a plugin runs with the host's rights.</remarks>
sealed class PluginLoadContext : AssemblyLoadContext
{
    readonly PluginCandidate _plugin;
    readonly SharedAssemblies _shared;
    readonly AssemblyDependencyResolver? _resolver;

    /// <exception cref="InvalidOperationException">The runtime cannot make sense of the plugin's dependencies.</exception>
    public PluginLoadContext(PluginCandidate plugin, SharedAssemblies shared)
        : base(plugin.File, isCollectible: false)
    {
        _plugin = plugin;
        _shared = shared;
        // Beside a bare DLL lie other plugins, not its dependencies.
        _resolver = plugin.Folder is null ? null : new AssemblyDependencyResolver(plugin.File);
    }

    public Assembly LoadPlugin() => LoadFromAssemblyPath(_plugin.File);

    /// <summary>The first reference of the plugin's assembly that nobody answers for.</summary>
    public AssemblyName? FindMissing() =>
        _plugin.Manifest.References.FirstOrDefault(name => !_shared.Contains(name.Name!) && _resolver?.ResolveAssemblyToPath(name) is null);

    /// <remarks>Returning null would let the runtime lend the plugin a library of the host's own.</remarks>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        var name = assemblyName.Name!;
        if (_shared.Contains(name))
        {
            return LoadShared(assemblyName);
        }

        if (_resolver?.ResolveAssemblyToPath(assemblyName) is { } file)
        {
            return LoadFromAssemblyPath(Contained(file));
        }

        // Without a satellite assembly the neutral resources serve.
        return string.IsNullOrEmpty(assemblyName.CultureName)
            ? throw new FileNotFoundException(
                $"{_plugin.File} needs {name} {assemblyName.Version}, which is not in its folder; put the plugin's whole publish output there.",
                name)
            : null;
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        _resolver?.ResolveUnmanagedDllToPath(unmanagedDllName) is { } file ? LoadUnmanagedDllFromPath(Contained(file)) : 0;

    Assembly LoadShared(AssemblyName assemblyName)
    {
        var name = assemblyName.Name!;
        if (_shared.VersionOf(name) is var version && assemblyName.Version > version)
        {
            throw new FileLoadException(
                $"{_plugin.File} needs {name} {assemblyName.Version}, this host provides {version}; upgrade the host, or build the plugin with the lower version.");
        }

        return SharedAssemblies.Load(name);
    }

    string Contained(string file) => RealPath.IsInside(_plugin.Folder!.Root, file)
        ? file
        : throw new FileLoadException($"{_plugin.File} asks for {file}, which lies outside its folder; put the plugin's whole publish output there.");
}
