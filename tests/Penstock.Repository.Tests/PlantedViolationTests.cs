namespace Penstock.Repository.Tests;

/// <summary>Every check sees what it is there for, and lets pass what is right.</summary>
public sealed class PlantedViolationTests
{
    [Theory]
    [InlineData("host/Penstock.Host/A.csproj", "../../plugins/sinks/file/Penstock.Sinks.File.csproj")]
    [InlineData("host/Penstock.Runtime/A.csproj", "..\\Penstock.Host\\Penstock.Host.csproj")]
    [InlineData("sdk/Penstock.Sdk/A.csproj", "../../host/Penstock.Runtime/Penstock.Runtime.csproj")]
    [InlineData("plugins/sinks/file/A.csproj", "../discard/Penstock.Sinks.Discard.csproj")]
    [InlineData("plugins/redis-common/A.csproj", "../redis-streams/B.csproj")]
    [InlineData("plugins/Directory.Build.targets", "$(MSBuildThisFileDirectory)../host/Penstock.Runtime/B.csproj")]
    public void A_reference_against_the_grain_is_seen(string project, string target) =>
        Assert.Contains(project, Assert.Single(ProjectGraph.Violations([Project(project, "ProjectReference", target)])));

    [Theory]
    [InlineData("host/Penstock.Host/A.csproj", "../Penstock.Runtime/Penstock.Runtime.csproj")]
    [InlineData("plugins/sinks/redis-streams/A.csproj", "../../redis-common/Penstock.Redis.csproj")]
    [InlineData("plugins/Directory.Build.targets", "$(MSBuildThisFileDirectory)../sdk/Penstock.Sdk/Penstock.Sdk.csproj")]
    [InlineData("tests/A.Tests/A.csproj", "../../host/Penstock.Host/Penstock.Host.csproj")]
    public void A_reference_with_the_grain_is_fine(string project, string target) =>
        Assert.Empty(ProjectGraph.Violations([Project(project, "ProjectReference", target)]));

    [Fact]
    public void A_further_package_in_the_sdk_is_seen()
    {
        Assert.Single(ProjectGraph.Violations([Project("sdk/Penstock.Sdk/A.csproj", "PackageReference", "Npgsql")]));
        Assert.Empty(ProjectGraph.Violations([Project("sdk/Penstock.Sdk/A.csproj", "PackageReference", "Microsoft.Extensions.Logging.Abstractions")]));
        Assert.Empty(ProjectGraph.Violations([Project("plugins/x/A.csproj", "PackageReference", "Npgsql")]));
    }

    [Theory]
    [InlineData("400", 2)]
    [InlineData("401,1,1,1,1,1,1,1,1,1", 1)]
    [InlineData("60,60,60", 0)]
    [InlineData("1,61,61", 1)]
    [InlineData("1,1,1,1,1,1,1,1,201,201", 1)]
    [InlineData("1,1,1,1,1,1,1,1,200,400", 0)]
    [InlineData("401", 3)]
    public void Files_over_the_budget_are_seen(string lineCounts, int violations)
    {
        var files = lineCounts.Split(',').Select((count, i) => new TextFile($"host/{i}.cs", string.Concat(Enumerable.Repeat("x\n", int.Parse(count)))));
        Assert.Equal(violations, FileSizes.Violations(files).Count());
    }

    [Theory]
    [InlineData("sdk/Penstock.Sdk/A.cs", "public sealed class A;\npublic enum B\n{\n}\n", 1)]
    [InlineData("sdk/Penstock.Sdk/A.cs", "public readonly struct B(int x)\n", 1)]
    [InlineData("sdk/Penstock.Sdk/A.cs", "public abstract class A<T>\n{\n    public int B;\n}\n\nsealed class C;\n", 0)]
    [InlineData("host/Penstock.Host/A.cs", "public class B;\npublic class C;\n", 0)]
    public void A_second_public_type_in_a_file_is_seen(string path, string text, int violations) =>
        Assert.Equal(violations, PublicTypes.Violations([new TextFile(path, text)]).Count());

    [Fact]
    public void A_missing_plugin_file_is_seen()
    {
        TextFile[] files =
        [
            .. Paths("plugins/postgres-wal/A.csproj", "plugins/postgres-wal/PostgresWalPlugin.cs", "plugins/postgres-wal/PostgresWalOptions.cs"),
            .. Paths("plugins/postgres-wal/PostgresWalSource.cs", "plugins/postgres-wal/README.md", "plugins/redis-common/Penstock.Redis.csproj"),
            .. Paths("plugins/sinks/file/B.csproj", "plugins/sinks/file/FilePlugin.cs", "plugins/sinks/file/FileSource.cs"),
        ];
        Assert.Equal(
            ["plugins/sinks/file has no FileOptions.cs", "plugins/sinks/file has no FileSink.cs", "plugins/sinks/file has no README.md"],
            PluginFolders.Violations(files));
    }

    [Theory]
    [InlineData("host/A.cs", "var now = DateTime.Now;")]
    [InlineData("sdk/A.cs", "var now = DateTimeOffset.UtcNow;")]
    [InlineData("plugins/x/A.cs", "Thread.Sleep(1);")]
    [InlineData("plugins/x/A.cs", "throw new NotImplementedException();")]
    [InlineData("host/A.cs", "// TODO later")]
    [InlineData("tests/A.Tests/A.cs", "await Task.Delay(100);")]
    [InlineData("tests/A.Tests/A.cs", "Thread.Sleep(100);")]
    public void Banned_text_is_seen_with_its_line(string path, string line) =>
        Assert.StartsWith($"{path}:2: ", Assert.Single(BannedText.Violations([new TextFile(path, $"using System;\n{line}\n")])), StringComparison.Ordinal);

    [Theory]
    [InlineData("host/A.cs", "await Task.Delay(delay, time, token);")]
    [InlineData("tests/A.Tests/Eventually.cs", "await Task.Delay(10);")]
    [InlineData("tests/A.Tests/A.cs", "await Task.Delay(Timeout.InfiniteTimeSpan, token);")]
    [InlineData("tests/A.Tests/A.cs", "var now = DateTime.UtcNow;")]
    [InlineData("eng/demo/A.cs", "await Task.Delay(10);")]
    public void Other_text_is_fine(string path, string line) => Assert.Empty(BannedText.Violations([new TextFile(path, line)]));

    [Fact]
    public void A_project_outside_the_solution_is_seen()
    {
        var files = Paths("host/A/A.csproj", "host/B/B.csproj", "samples/C/C.csproj", "tests/fixtures/D/D.csproj");
        Assert.Equal(["host/B/B.csproj is not in Plugins.sln"], SolutionFile.Violations(files, "Project(\"{1}\") = \"A\", \"host\\A\\A.csproj\", \"{2}\""));
    }

    [Fact]
    public void A_link_to_nowhere_is_seen()
    {
        TextFile document = new("docs/a.md", """
            [good](b.md) [up](../README.md#top) [outside](https://example.org) [here](#x) `[code](none)`

            ```
            [block](none)
            ```

            [bad](gone.md "title")
            """);
        Assert.Equal(
            ["docs/a.md links to gone.md, which does not exist"],
            MarkdownLinks.Violations([document], path => Path.GetFullPath(path, "/r") is "/r/docs/b.md" or "/r/README.md"));
    }

    [Fact]
    public void Code_that_no_sample_has_is_seen()
    {
        TextFile document = new("docs/a.md", "```csharp\nint a;\nint b;\n```\n\n```csharp\nint a;\nint c;\n```\n\n```json\n{}\n```\n");
        Assert.Equal(
            ["docs/a.md: no sample contains the code that starts with \"int a;\""],
            Snippets.Violations(document, [new TextFile("samples/A.cs", "class A\n{\n    int a;\n    int b;\n}\n")]));
    }

    static TextFile Project(string path, string item, string include) =>
        new(path, $"<Project><ItemGroup><{item} Include=\"{include}\" /></ItemGroup></Project>");

    static IEnumerable<TextFile> Paths(params string[] paths) => paths.Select(path => new TextFile(path, ""));

    [Fact]
    public void A_promise_without_a_test_and_a_test_that_is_missing_are_seen()
    {
        var document = new TextFile("docs/guarantees.md", "Title\n\n- It MUST hold.\n- It MUST hold (`GoneTests`).\n- It MUST hold (`ThereTests`).\n");
        Assert.Equal(
            ["docs/guarantees.md names GoneTests, which does not exist", "docs/guarantees.md promises without a test: - It MUST hold."],
            NamedTests.Violations(document, [new TextFile("tests/A.Tests/ThereTests.cs", "")]));
    }
}
