using System.Text.RegularExpressions;

namespace Penstock.Sinks.File;

/// <summary>One name of a path template below its root: fixed text, or a pattern when it has placeholders.</summary>
sealed class PathName
{
    PathName(string text, Regex? pattern)
    {
        Text = text;
        Pattern = pattern;
    }

    public string Text { get; }

    /// <summary>Every name that placeholders can have made, and some more; null for fixed text.</summary>
    public Regex? Pattern { get; }

    public static PathName Of(ReadOnlySpan<PathToken> tokens)
    {
        var text = "";
        var pattern = "";
        var hasPlaceholder = false;
        foreach (var token in tokens)
        {
            hasPlaceholder |= token.Placeholder != Placeholder.None;
            text += token.Text;
            pattern += token.Placeholder == Placeholder.None ? Regex.Escape(token.Text) : SafeName.Pattern;
        }

        return new PathName(text, hasPlaceholder ? new Regex($@"\A{pattern}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking) : null);
    }
}
