using System.Text.RegularExpressions;

namespace Penstock.Repository.Tests;

/// <summary>Time comes from a TimeProvider, waiting is polling with a deadline, and what is not done is absent.</summary>
static partial class BannedText
{
    public static IEnumerable<string> Violations(IEnumerable<TextFile> sources) => sources.SelectMany(file => Pattern(file) is { } banned
        ? file.Lines().Where(line => banned.IsMatch(line.Text)).Select(line => $"{file.Path}:{line.Number}: {banned.Match(line.Text).Value}")
        : []);

    static Regex? Pattern(TextFile file)
    {
        if (file.IsBelow("host", "sdk", "plugins"))
        {
            return InProduct();
        }

        // The helper that polls may pause, and so may what waits for a server to start; this project spells the words out.
        return file.IsBelow("tests") && file.Name != "Eventually.cs" && !file.IsBelow("tests/TestServers", "tests/fixtures", "tests/Penstock.Repository.Tests")
            ? InTests()
            : null;
    }

    [GeneratedRegex(@"\bDateTime(Offset)?\.(Utc)?Now\b|\bThread\.Sleep\b|\bNotImplementedException\b|\bTODO\b|\bFIXME\b")]
    private static partial Regex InProduct();

    [GeneratedRegex(@"\bThread\.Sleep\b|\bTask\.Delay\(|\bTODO\b|\bFIXME\b")]
    private static partial Regex InTests();
}
