using System.Runtime.Versioning;

namespace Penstock.Host.Plugins;

/// <summary>Whether this host can run what the assembly was built for.</summary>
static class CompatibilityCheck
{
    const string DotNet = ".NETCoreApp";

    public static PluginProblem? Check(AssemblyManifest manifest, SharedAssemblies shared) =>
        CheckImage(manifest) ?? CheckTarget(manifest) ?? CheckSdk(manifest) ?? CheckReferences(manifest, shared);

    static PluginProblem? CheckImage(AssemblyManifest manifest) => manifest.IsMixedMode
        ? new(manifest.File, "expected an assembly of IL only, found native code in it", "build it as an ordinary .NET class library")
        : null;

    static PluginProblem? CheckTarget(AssemblyManifest manifest)
    {
        var host = $"net{Environment.Version.Major}.{Environment.Version.Minor}";
        if (manifest.TargetFramework is null)
        {
            return new(manifest.File, "expected a TargetFramework attribute, found none", $"build it with the .NET SDK for {host}");
        }

        FrameworkName? target = null;
        try
        {
            target = new FrameworkName(manifest.TargetFramework);
        }
        catch (ArgumentException)
        {
            // Said below.
        }

        if (target is not { Identifier: DotNet })
        {
            return new(manifest.File, $"it is built for {manifest.TargetFramework}, expected {host} or lower", $"build it for {host}");
        }

        return target.Version > new Version(Environment.Version.Major, Environment.Version.Minor)
            ? new(
                manifest.File,
                $"it is built for net{target.Version}, this host runs on {host}",
                $"build it for {host}, or take a host for net{target.Version}")
            : null;
    }

    static PluginProblem? CheckSdk(AssemblyManifest manifest)
    {
        var host = SdkVersion.HostText;
        if (manifest.SdkVersion is null || SdkVersion.Parse(manifest.SdkVersion) is not { } built)
        {
            return new(
                manifest.File,
                $"it does not say which Penstock SDK it was built with (found \"{manifest.SdkVersion}\"); this host has {host}",
                "reference the Penstock.Sdk package, whose build targets stamp the version, and rebuild the plugin");
        }

        var own = SdkVersion.Parse(host)!.Value;
        if (built.Major == own.Major && built.Minor <= own.Minor)
        {
            return null;
        }

        var cause = $"it was built with Penstock SDK {manifest.SdkVersion}, this host has {host}";
        return built.Major < own.Major
            ? new(manifest.File, cause, $"rebuild the plugin with SDK {host}")
            : new(manifest.File, cause, $"upgrade the host, or rebuild the plugin with SDK {host}");
    }

    static PluginProblem? CheckReferences(AssemblyManifest manifest, SharedAssemblies shared)
    {
        foreach (var reference in manifest.References)
        {
            if (shared.Contains(reference.Name!) && shared.VersionOf(reference.Name!) is var version && reference.Version > version)
            {
                return new(
                    manifest.File,
                    $"it needs {reference.Name} {reference.Version}, this host provides {version}",
                    "upgrade the host, or build the plugin with the lower version");
            }
        }

        return null;
    }
}
