using System.Reflection;

namespace Penstock.Host.Plugins;

/// <summary>The SDK's version as plugins depend on it: a patch adds nothing they could use.</summary>
readonly record struct SdkVersion(int Major, int Minor)
{
    /// <summary>The host's, in full.</summary>
    public static string HostText { get; } =
        SharedAssemblies.Sdk.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static SdkVersion? Parse(string text) =>
        Version.TryParse(text.Split('-', '+')[0], out var version) ? new SdkVersion(version.Major, version.Minor) : null;
}
