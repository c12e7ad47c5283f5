namespace Penstock.Repository.Tests;

/// <summary>The repository that this test was built in.</summary>
static class RepositoryFiles
{
    static readonly string[] Generated = ["bin", "obj", "artifacts", "TestResults", "state"];

    public static string Root { get; } = FindRoot();

    public static IReadOnlyList<TextFile> All { get; } =
    [
        .. Walk(Root).Select(path => new TextFile(Path.GetRelativePath(Root, path).Replace('\\', '/'), File.ReadAllText(path))),
    ];

    public static IEnumerable<TextFile> Sources => All.Where(file => file.Name.EndsWith(".cs", StringComparison.Ordinal));

    static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Plugins.sln")) || Path.Exists(Path.Combine(folder, ".git")))
            {
                return folder;
            }
        }

        throw new InvalidOperationException($"No Plugins.sln and no .git above {AppContext.BaseDirectory}; run the tests from their repository.");
    }

    static IEnumerable<string> Walk(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            if (Path.GetExtension(file) is ".cs" or ".csproj" or ".props" or ".targets" or ".md" or ".sln")
            {
                yield return file;
            }
        }

        foreach (var below in Directory.EnumerateDirectories(folder))
        {
            var name = Path.GetFileName(below);
            if (name.StartsWith('.') || Generated.Contains(name))
            {
                continue;
            }

            foreach (var file in Walk(below))
            {
                yield return file;
            }
        }
    }
}
