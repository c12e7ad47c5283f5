namespace Penstock.Host.Plugins;

/// <summary>An assembly that declares plugins, before anything of it is loaded.</summary>
/// <param name="Manifest">What its metadata says.</param>
/// <param name="Folder">Null for a bare DLL.</param>
sealed record PluginCandidate(AssemblyManifest Manifest, PluginFolder? Folder)
{
    public string File => Manifest.File;
}
