using System.Text.RegularExpressions;

namespace Penstock.Repository.Tests;

/// <summary>In the SDK a public type has a file of its own, with its name.</summary>
static partial class PublicTypes
{
    public static IEnumerable<string> Violations(IEnumerable<TextFile> sources)
    {
        foreach (var file in sources.Where(file => file.IsBelow("sdk") && !file.IsBelow("sdk/templates")))
        {
            var types = Declaration().Matches(file.Text).Select(match => match.Groups["name"].Value).ToArray();
            if (types.Length > 1)
            {
                yield return $"{file.Path} declares {types.Length} public types: {string.Join(", ", types)}";
            }
            else if (types is [var type] && type != Path.GetFileNameWithoutExtension(file.Name))
            {
                yield return $"{file.Path} declares {type}; name the file after it";
            }
        }
    }

    [GeneratedRegex(@"^public (?:(?:static|sealed|abstract|readonly|partial|ref) )*(?:class|struct|interface|enum|record(?: struct)?|delegate \S+) (?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex Declaration();
}
