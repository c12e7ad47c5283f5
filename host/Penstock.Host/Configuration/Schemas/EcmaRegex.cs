using System.Text;

namespace Penstock.Host.Configuration;

/// <summary>
/// Patterns as JSON schema means them: <c>$</c> is the end of the text. In .NET it also matches before a last line feed, which would let
/// a name such as <c>"orders\n"</c> pass.
/// </summary>
static class EcmaRegex
{
    const string End = "$(?!\\n)";

    public static string Strict(string pattern)
    {
        var result = new StringBuilder(pattern.Length);
        var isInClass = false;
        for (var i = 0; i < pattern.Length; i++)
        {
            var c = pattern[i];
            if (c == '\\' && i + 1 < pattern.Length)
            {
                result.Append(c).Append(pattern[++i]);
                continue;
            }

            isInClass = c == '[' || (isInClass && c != ']');
            result.Append(c == '$' && !isInClass ? End : c.ToString());
        }

        return result.ToString();
    }

    /// <summary>The pattern as its author wrote it.</summary>
    public static string Original(string strict) => strict.Replace(End, "$", StringComparison.Ordinal);
}
