namespace Penstock.Repository.Tests;

/// <summary>Every project is built by the solution, except those of other people and those that must not build.</summary>
static class SolutionFile
{
    public static IEnumerable<string> Violations(IEnumerable<TextFile> files, string solution)
    {
        var listed = solution.Replace('\\', '/');
        return files
            .Where(file => file.Name.EndsWith(".csproj", StringComparison.Ordinal) && !file.IsBelow("samples", "tests/fixtures", "sdk/templates"))
            .Where(file => !listed.Contains($"\"{file.Path}\"", StringComparison.Ordinal))
            .Select(file => $"{file.Path} is not in Plugins.sln");
    }
}
