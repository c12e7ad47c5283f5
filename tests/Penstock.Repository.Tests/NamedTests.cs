using System.Text.RegularExpressions;

namespace Penstock.Repository.Tests;

/// <summary>Every promise in docs/guarantees.md names a test, and the test is there.</summary>
static partial class NamedTests
{
    public static IEnumerable<string> Violations(TextFile document, IReadOnlyCollection<TextFile> sources)
    {
        foreach (Match name in Name().Matches(document.Text))
        {
            if (!sources.Any(file => file.IsBelow("tests") && file.Name == $"{name.Groups["test"].Value}.cs"))
            {
                yield return $"{document.Path} names {name.Groups["test"].Value}, which does not exist";
            }
        }

        foreach (var sentence in Sentence().Split(document.Text).Where(sentence => sentence.Contains("MUST", StringComparison.Ordinal)))
        {
            if (!Name().IsMatch(sentence) && !sentence.StartsWith("What Penstock promises", StringComparison.Ordinal))
            {
                yield return $"{document.Path} promises without a test: {sentence.Trim()}";
            }
        }
    }

    [GeneratedRegex("`(?<test>[A-Za-z]+Tests)`")]
    private static partial Regex Name();

    // Paragraphs and list items: a promise and its test stand in the same one.
    [GeneratedRegex(@"\n\n|\n- ")]
    private static partial Regex Sentence();
}
