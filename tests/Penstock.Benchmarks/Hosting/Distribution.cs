using System.Reflection;

namespace Penstock.Benchmarks.Hosting;

/// <summary>What <c>make dist</c> made, and where the repository is.</summary>
static class Distribution
{
    public static string Root { get; } = FindRoot();

    public static string Executable { get; } = Existing(Path.Combine(Root, "artifacts", "dist", "penstock", "penstock"));

    /// <summary>What a project of the repository was built to.</summary>
    public static string BuildFolder(params ReadOnlySpan<string> project) => Path.Combine(Root, "tests", Path.Combine(project), "bin", Configuration);

    static string Configuration { get; } = typeof(Distribution).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(data => data.Key == "Configuration").Value!;

    static string Existing(string path) => File.Exists(path) ? path : throw new InvalidOperationException($"{path} is missing; run `make dist` first");

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
