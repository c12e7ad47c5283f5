namespace Penstock.EndToEnd.Tests;

/// <summary>What <c>make dist</c> made.</summary>
static class Distribution
{
    public static string Root { get; } = FindRoot();

    public static string Executable { get; } = Published(Path.Combine("dist", "penstock", "penstock"));

    public static string Plugins { get; } = Published(Path.Combine("dist", "plugins"));

    static string Published(string path)
    {
        var full = Path.Combine(Root, "artifacts", path);
        return Path.Exists(full) ? full : throw new InvalidOperationException($"{full} is missing; run `make dist` first");
    }

    static string FindRoot()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Plugins.sln")))
        {
            directory = Path.GetDirectoryName(directory) ?? throw new InvalidOperationException($"no Plugins.sln above {AppContext.BaseDirectory}");
        }

        return directory;
    }
}
