using System.Text.RegularExpressions;

namespace Penstock.Repository.Tests;

/// <summary>Links between the repository's documents lead somewhere.</summary>
static partial class MarkdownLinks
{
    public static IEnumerable<string> Violations(IEnumerable<TextFile> files, Func<string, bool> exists)
    {
        foreach (var file in files.Where(file => file.Name.EndsWith(".md", StringComparison.Ordinal)))
        {
            foreach (Match link in Link().Matches(CodeBlock().Replace(file.Text, "")))
            {
                var target = link.Groups["target"].Value.Split('#')[0];
                if (target.Length > 0 && !target.Contains(':', StringComparison.Ordinal) && !exists(Path.Combine(file.Folder, Uri.UnescapeDataString(target))))
                {
                    yield return $"{file.Path} links to {target}, which does not exist";
                }
            }
        }
    }

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)(?:\s+""[^""]*"")?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^```.*?^```|`[^`\n]*`", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
