using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests;

/// <summary>A folder with a config file, as a user has it.</summary>
sealed class Workspace : IDisposable
{
    readonly TempDirectory _directory = new("e2e");

    public Workspace(string config) => File.WriteAllText(ConfigFile, config);

    public string ConfigFile => _directory.Combine("penstock.json");

    public string Combine(params ReadOnlySpan<string> parts) => _directory.Combine(parts);

    public void Dispose() => _directory.Dispose();
}
