using System.Diagnostics;
using System.Xml.Linq;
using Penstock.Benchmarks.Soak;
using Penstock.TestServers;

namespace Penstock.Benchmarks.Tests.Soak;

/// <summary>The soak itself, short, with everything wrong that can be planted.</summary>
public sealed class SoakSelfCheckTests
{
    [Fact]
    public async Task Every_planted_fault_is_named()
    {
        using var directory = new TempDirectory("soak-tests");
        var (exitCode, output) = await SoakAsync(
            "--minutes", "0.4", "--sample", "1", "--pipelines", "streams", "--rates", "streams=3000", "--plant", "loss,disorder,duplicate,leak", "--out", directory.Path);
        Assert.True(exitCode == 1, output);
        foreach (var failure in (string[])
        [
            "streams: lost: found 1 (8000), expected 0",
            "streams: behind a later one of its key: found 1, expected 0",
            "streams: twice: found 1, expected 0",
            "fds does not rise",
            "tcp_connections does not rise",
        ])
        {
            Assert.Contains($"FAILED: {failure}", output, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("FAILED: it runs to its end", output, StringComparison.Ordinal);
        Assert.DoesNotContain("FAILED: /health", output, StringComparison.Ordinal);
        Assert.Equal(24, (await File.ReadAllLinesAsync(directory.Combine("samples.csv"), TestContext.Current.CancellationToken)).Length - 1);
        Assert.StartsWith("# Soak\n\n**Failed**", await File.ReadAllTextAsync(directory.Combine("summary.md"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        foreach (var plot in (string[])["throughput.svg", "memory.svg", "handles.svg", "queues.svg"])
        {
            Assert.NotEmpty(XDocument.Load(directory.Combine(plot)).Root!.Elements());
        }
    }

    [Theory]
    [InlineData("--minutes", "1")]
    [InlineData("--pipelines", "wal,disk")]
    [InlineData("--rates", "wal")]
    [InlineData("--forever", "yes")]
    public void What_cannot_be_judged_is_refused(params string[] arguments) => Assert.Null(SoakOptions.Parse(arguments));

    static async Task<(int ExitCode, string Output)> SoakAsync(params string[] arguments)
    {
        var program = Path.ChangeExtension(typeof(SoakOptions).Assembly.Location, null);
        using var process = Process.Start(new ProcessStartInfo(program, [SoakOptions.Switch, .. arguments]) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output);
    }
}
