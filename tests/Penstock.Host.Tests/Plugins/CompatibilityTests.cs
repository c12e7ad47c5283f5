using Penstock.Host.Plugins;

namespace Penstock.Host.Tests.Plugins;

public sealed class CompatibilityTests : IDisposable
{
    readonly PluginDirectory _plugins = new();

    public void Dispose() => _plugins.Dispose();

    [Fact]
    public void A_newer_sdk_is_refused_with_both_versions()
    {
        var file = _plugins.Add("NewerSdk");

        Refusal.Names(Open(), file, $"built with Penstock SDK 1.99.0, this host has {SdkVersion.HostText}", "upgrade the host, or rebuild the plugin");
        Refusal.LeftUnloaded(file);
    }

    [Theory]
    [InlineData('2', "upgrade the host")]
    [InlineData('0', "rebuild the plugin")]
    public void Another_major_version_of_the_sdk_is_refused(char major, string remedy)
    {
        var file = _plugins.Add("GoodSource");
        var stamp = $"Penstock.Sdk.Version{(char)SdkVersion.HostText.Length}";
        PluginDirectory.Replace(file, stamp + SdkVersion.HostText, stamp + major + SdkVersion.HostText[1..]);

        Refusal.Names(Open(), file, $"built with Penstock SDK {major}{SdkVersion.HostText[1..]}, this host has {SdkVersion.HostText}", remedy);
        Refusal.LeftUnloaded(file);
    }

    [Fact]
    public void A_plugin_without_a_stamp_is_refused()
    {
        var file = _plugins.Add("GoodSource");
        PluginDirectory.Replace(file, "Penstock.Sdk.Version", "Penstock.Xxx.Version");

        Refusal.Names(Open(), file, "does not say which Penstock SDK", "reference the Penstock.Sdk package");
    }

    [Fact]
    public void A_newer_dotnet_is_refused()
    {
        var file = _plugins.Add("NewerTarget");

        Refusal.Names(Open(), file, "built for net11.0, this host runs on net10.0", "build it for net10.0");
        Refusal.LeftUnloaded(file);
    }

    [Fact]
    public void A_netstandard_plugin_is_refused()
    {
        var file = _plugins.Add("GoodSource");
        PluginDirectory.Replace(file, ".NETCoreApp,Version=v10.0", ".NETStandard,Version=v2.0");

        Refusal.Names(Open(), file, "built for .NETStandard,Version=v2.0, expected net10.0", "build it for net10.0");
    }

    [Fact]
    public void A_framework_assembly_newer_than_the_host_s_is_refused()
    {
        var file = _plugins.Add("GoodSource");
        PluginDirectory.SetReferenceMajor(file, "System.Runtime", 11);

        Refusal.Names(Open(), file, "needs System.Runtime 11.0.0.0, this host provides 10.0.0.0", "upgrade the host");
    }

    [Fact]
    public void A_shared_framework_that_the_host_lacks_is_refused_by_name()
    {
        _plugins.Add("GoodSource");
        var config = _plugins.PathOf("GoodSource", "GoodSource.runtimeconfig.json");
        PluginDirectory.Replace(config, "Microsoft.NETCore.App", "Microsoft.WindowsDesktop.App");

        Refusal.Names(Open(), config, "needs the shared framework Microsoft.WindowsDesktop.App, this host has Microsoft.AspNetCore.App", "without that framework");
    }

    [Fact]
    public void A_runtime_configuration_that_is_none_is_refused()
    {
        _plugins.Add("GoodSource");
        var config = _plugins.PathOf("GoodSource", "GoodSource.runtimeconfig.json");
        File.WriteAllText(config, "{}");

        Refusal.Names(Open(), config, "no runtime configuration", "as the build wrote it");
    }

    [Fact]
    public void Native_code_in_the_assembly_is_refused()
    {
        var file = _plugins.Add("GoodSource");
        PluginDirectory.ClearIlOnly(file);

        Refusal.Names(Open(), file, "native code", "ordinary .NET class library");
    }

    PluginEntry? Open() => _plugins.Open().Find<SourceDefinition>("fixture");
}
