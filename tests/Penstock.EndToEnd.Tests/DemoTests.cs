using System.Globalization;
using System.Text.RegularExpressions;

namespace Penstock.EndToEnd.Tests;

/// <summary>The demo ends well, and its judge finds what is planted.</summary>
public sealed partial class DemoTests
{
    static readonly string Program = Path.Combine(
        Distribution.Root, "eng", "demo", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0", "Penstock.Demo.dll");

    [Theory]
    [InlineData("none", 0, 0, 0, 0)]
    [InlineData("loss", 1, 1, 0, 0)]
    [InlineData("duplicate", 1, 0, 1, 0)]
    [InlineData("disorder", 1, 0, 0, 1)]
    public async Task The_judge_passes_what_is_whole_and_names_what_is_spoilt(string plant, int expected, int lost, int duplicated, int outOfOrder)
    {
        using var demo = HostRun.StartAs("dotnet", [Program, "--changes", "2000", "--plant", plant]);

        Assert.True(await demo.WaitAsync() == expected, demo.Output + demo.Errors);
        var verdict = Row().Matches(demo.Output)
            .ToDictionary(row => row.Groups["name"].Value, row => int.Parse(row.Groups["count"].Value, CultureInfo.InvariantCulture));
        Assert.Equal(2000, verdict["written"]);
        Assert.Equal(2000 - lost + duplicated, verdict["delivered"]);
        Assert.Equal(lost, verdict["lost"]);
        Assert.Equal(duplicated, verdict["duplicated"]);
        // Whoever is moved behind others may be late for several of them.
        Assert.InRange(verdict["out of order"], outOfOrder, outOfOrder == 0 ? 0 : 2000);
    }

    [GeneratedRegex(@"^ +(?<name>written|delivered|lost|duplicated|out of order) +(?<count>\d+)$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
