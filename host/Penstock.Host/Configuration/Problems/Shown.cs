using System.Text.Encodings.Web;
using System.Text.Json;

namespace Penstock.Host.Configuration;

/// <summary>How values appear in problems.</summary>
static class Shown
{
    const int Longest = 80;

    public static string Value(ConfigNode node) => node.IsHidden
        ? "***"
        : node.Kind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "an array",
            JsonValueKind.String => Quote(node.Text),
            JsonValueKind.Number => Shorten(node.Text),
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            _ => "null",
        };

    /// <summary>As a JSON string, so that no control character reaches a terminal.</summary>
    public static string Quote(string text) => $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(Shorten(text))}\"";

    /// <summary>"a", "b" or "c".</summary>
    public static string Choice(IReadOnlyList<string> words) =>
        words.Count < 2 ? string.Concat(words) : $"{string.Join(", ", words.SkipLast(1))} or {words[^1]}";

    static string Shorten(string text) => text.Length <= Longest ? text : $"{text[..Longest]}…";
}
