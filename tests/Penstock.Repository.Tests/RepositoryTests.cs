namespace Penstock.Repository.Tests;

/// <summary>What holds for the repository as it is.</summary>
public sealed class RepositoryTests
{
    const int ReadmeBudget = 150;

    [Fact]
    public void The_files_were_found() => Assert.True(RepositoryFiles.Sources.Count() > 50, $"{RepositoryFiles.Root} has hardly any sources.");

    [Fact]
    public void Dependencies_point_one_way() => AssertNone(ProjectGraph.Violations(RepositoryFiles.All));

    [Fact]
    public void Files_are_small() => AssertNone(FileSizes.Violations(RepositoryFiles.Sources));

    [Fact]
    public void A_public_type_of_the_sdk_has_its_own_file() => AssertNone(PublicTypes.Violations(RepositoryFiles.Sources));

    [Fact]
    public void Every_plugin_folder_has_the_same_files() => AssertNone(PluginFolders.Violations(RepositoryFiles.All));

    [Fact]
    public void Nothing_banned_is_written() => AssertNone(BannedText.Violations(RepositoryFiles.Sources));

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = RepositoryFiles.All.SingleOrDefault(file => file.Path == "Plugins.sln");
        Assert.True(solution is not null, "Plugins.sln is missing at the root.");
        AssertNone(SolutionFile.Violations(RepositoryFiles.All, solution.Text));
    }

    [Fact]
    public void The_readme_is_short()
    {
        var lines = RepositoryFiles.All.SingleOrDefault(file => file.Path == "README.md")?.LineCount ?? 0;
        Assert.True(lines <= ReadmeBudget, $"README.md has {lines} lines; the budget is {ReadmeBudget}.");
    }

    [Fact]
    public void Links_between_documents_lead_somewhere() =>
        AssertNone(MarkdownLinks.Violations(RepositoryFiles.All, path => Path.Exists(Path.Combine(RepositoryFiles.Root, path))));

    [Fact]
    public void Every_promise_names_a_test_that_exists() =>
        AssertNone(NamedTests.Violations(RepositoryFiles.All.Single(file => file.Path == "docs/guarantees.md"), [.. RepositoryFiles.Sources]));

    [Fact]
    public void The_code_in_the_authoring_guide_is_the_samples_code() => AssertNone(Snippets.Violations(
        RepositoryFiles.All.Single(file => file.Path == "docs/authoring.md"),
        RepositoryFiles.Sources.Where(file => file.IsBelow("samples"))));

    static void AssertNone(IEnumerable<string> violations)
    {
        var found = violations.ToArray();
        Assert.True(found.Length == 0, string.Join('\n', found));
    }
}
