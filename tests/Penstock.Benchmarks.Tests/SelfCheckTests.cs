using System.Diagnostics;
using System.Text.Json;
using System.Xml.Linq;
using Penstock.TestServers;

namespace Penstock.Benchmarks.Tests;

/// <summary>The program itself, short, against real servers and the published host.</summary>
public sealed class SelfCheckTests
{
    const string Row = "streams-file";

    [Fact]
    public async Task A_run_with_right_counts_passes_and_leaves_its_results()
    {
        using var directory = new TempDirectory("bench-tests");
        var (exitCode, output) = await BenchAsync("--out", directory.Path);
        Assert.True(exitCode == 0, output);

        using var results = JsonDocument.Parse(await File.ReadAllTextAsync(directory.Combine("results.json"), TestContext.Current.CancellationToken));
        var row = results.RootElement.GetProperty("rows")[0];
        Assert.Equal(Row, row.GetProperty("name").GetString());
        Assert.True(row.GetProperty("summary").GetProperty("eventsPerSecond").GetProperty("median").GetDouble() > 0);
        Assert.Equal(2, row.GetProperty("runs")[0].GetArrayLength());
        Assert.StartsWith("row,run,subject,", await File.ReadAllTextAsync(directory.Combine("results.csv"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.NotEmpty(XDocument.Load(directory.Combine("throughput.svg")).Root!.Elements());
        Assert.DoesNotContain(Environment.MachineName, await File.ReadAllTextAsync(directory.Combine("machine.json"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("host")]
    [InlineData("yardstick")]
    public async Task A_wrong_count_fails_the_run(string plant)
    {
        using var directory = new TempDirectory("bench-tests");
        var (exitCode, output) = await BenchAsync("--out", directory.Path, "--plant", plant);
        Assert.Equal(1, exitCode);
        Assert.Contains("FAILED: ", output, StringComparison.Ordinal);
        Assert.Contains("100001", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_row_that_does_not_exist_is_no_success() => Assert.Equal(2, (await BenchAsync("--rows", "wal-disk")).ExitCode);

    static async Task<(int ExitCode, string Output)> BenchAsync(params string[] arguments)
    {
        var program = Path.ChangeExtension(typeof(BenchOptions).Assembly.Location, null);
        var start = new ProcessStartInfo(program, ["--quick", "--events", "100000", "--rows", Row, .. arguments]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output);
    }
}
