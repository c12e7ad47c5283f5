namespace Penstock.EndToEnd.Tests;

/// <summary>The demo ends well, and its judge finds what is planted.</summary>
public sealed class DemoTests
{
    static readonly string Program = Path.Combine(
        Distribution.Root, "eng", "demo", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0", "Penstock.Demo.dll");

    [Theory]
    [InlineData("none", 0)]
    [InlineData("loss", 1)]
    [InlineData("duplicate", 1)]
    [InlineData("disorder", 1)]
    public async Task The_judge_passes_what_is_whole_and_fails_what_is_spoilt(string plant, int expected)
    {
        using var demo = HostRun.StartAs("dotnet", [Program, "--changes", "2000", "--plant", plant]);

        Assert.True(await demo.WaitAsync() == expected, demo.Output + demo.Errors);
    }
}
