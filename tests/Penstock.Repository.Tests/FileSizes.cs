namespace Penstock.Repository.Tests;

/// <summary>Median at most 60 lines, 90 % at most 200, none over 400.</summary>
static class FileSizes
{
    public const int Median = 60;
    public const int Most = 200;
    public const int Largest = 400;

    public static IEnumerable<string> Violations(IEnumerable<TextFile> files)
    {
        var sorted = files.Where(file => file.IsBelow("host", "sdk", "plugins")).OrderBy(file => file.LineCount).ToArray();
        if (sorted.Length == 0)
        {
            yield break;
        }

        if (sorted[(sorted.Length - 1) / 2] is { LineCount: > Median } middle)
        {
            yield return $"the median file, {middle.Path}, has {middle.LineCount} lines; the budget is {Median}";
        }

        if (sorted[(sorted.Length * 9 - 1) / 10] is { LineCount: > Most })
        {
            var over = sorted.Where(file => file.LineCount > Most).Select(file => $"{file.Path} ({file.LineCount})");
            yield return $"more than a tenth of the files have over {Most} lines: {string.Join(", ", over)}";
        }

        foreach (var file in sorted.Where(file => file.LineCount > Largest))
        {
            yield return $"{file.Path} has {file.LineCount} lines; none may have over {Largest}";
        }
    }
}
