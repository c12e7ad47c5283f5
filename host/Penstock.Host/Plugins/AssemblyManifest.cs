using System.Reflection;

namespace Penstock.Host.Plugins;

/// <summary>What an assembly's metadata says; none of its code has run.</summary>
sealed class AssemblyManifest
{
    public required string File { get; init; }

    public required AssemblyName Name { get; init; }

    /// <summary>Contains native code beside IL, which no load context takes.</summary>
    public required bool IsMixedMode { get; init; }

    public required IReadOnlyList<AssemblyName> References { get; init; }

    public required IReadOnlyList<PluginDeclaration> Plugins { get; init; }

    /// <summary>As <c>TargetFrameworkAttribute</c> has it: <c>.NETCoreApp,Version=v10.0</c>.</summary>
    public string? TargetFramework { get; init; }

    /// <summary>The version of the SDK package it was built with, stamped by that package's targets.</summary>
    public string? SdkVersion { get; init; }

    public string? InformationalVersion { get; init; }

    public string Version => InformationalVersion?.Split('+')[0] ?? Name.Version?.ToString() ?? "0.0.0";
}
