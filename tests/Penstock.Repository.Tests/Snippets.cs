using System.Text.RegularExpressions;

namespace Penstock.Repository.Tests;

/// <summary>The C# of a document is taken from files that compile.</summary>
static partial class Snippets
{
    public static IEnumerable<string> Violations(TextFile document, IEnumerable<TextFile> samples)
    {
        var compiled = samples.Select(sample => Normalize(sample.Text)).ToArray();
        foreach (Match block in Block().Matches(document.Text))
        {
            var code = Normalize(block.Groups["code"].Value);
            if (!compiled.Any(text => text.Contains(code, StringComparison.Ordinal)))
            {
                yield return $"{document.Path}: no sample contains the code that starts with \"{code.Split('\n').First(line => line.Length > 0)}\"";
            }
        }
    }

    static string Normalize(string text) => string.Join('\n', text.Split('\n').Select(line => line.Trim()));

    [GeneratedRegex(@"^```csharp\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
