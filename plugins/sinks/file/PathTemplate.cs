using System.Text;

namespace Penstock.Sinks.File;

/// <summary>
/// A path with placeholders. Values become parts of one name each (<see cref="SafeName"/>), so only the template's own text
/// decides about directories.
/// </summary>
sealed class PathTemplate
{
    // Linux, and about every file system, limits one name to 255 bytes.
    const int MaxName = 255;

    readonly PathToken[] _tokens;
    readonly int[] _limits;

    PathTemplate(PathToken[] tokens, int[] limits)
    {
        _tokens = tokens;
        _limits = limits;
        UsesKey = Array.Exists(tokens, token => token.Placeholder == Placeholder.Key);
        UsesSubject = Array.Exists(tokens, token => token.Placeholder == Placeholder.Subject);
        var fixedTokens = tokens.TakeWhile(token => token.Placeholder is Placeholder.None or Placeholder.Separator).ToArray();
        Root = Path.GetDirectoryName(Path.GetFullPath(string.Concat(fixedTokens.Select(token => token.Text)) + "x"))!;
        Names = NamesOf(tokens.AsSpan(Array.FindLastIndex(fixedTokens, token => token.Placeholder == Placeholder.Separator) + 1));
    }

    /// <summary>Whether two events of one subject may belong to different files.</summary>
    public bool UsesKey { get; }

    /// <summary>Whether every file holds one subject only.</summary>
    public bool UsesSubject { get; }

    /// <summary>The names from the root down to the file.</summary>
    public ReadOnlyMemory<PathName> Names { get; }

    /// <summary>The directory that the template names before its first placeholder: what lies below is made from data.</summary>
    public string Root { get; }

    /// <summary>Returns what is wrong, or null and the template.</summary>
    public static string? TryParse(string text, out PathTemplate? template)
    {
        template = null;
        if (PathTokens.Read(text, out var tokens) is { } problem)
        {
            return problem;
        }

        var limits = new int[tokens.Length];
        var start = 0;
        for (var i = 0; i <= tokens.Length; i++)
        {
            if (i < tokens.Length && tokens[i].Placeholder != Placeholder.Separator)
            {
                continue;
            }

            var literal = 0;
            var values = 0;
            foreach (var token in tokens.AsSpan(start..i))
            {
                literal += Encoding.UTF8.GetByteCount(token.Text);
                values += token.Placeholder == Placeholder.None ? 0 : 1;
            }

            var limit = values == 0 ? MaxName : (MaxName - literal) / values;
            if (limit < (values == 0 ? literal : SafeName.MinLimit))
            {
                return $"a name in \"{text}\" leaves too little of the {MaxName} bytes of a file name for its placeholders; shorten its fixed text";
            }

            limits.AsSpan(start..i).Fill(limit);
            start = i + 1;
        }

        template = new PathTemplate(tokens, limits);
        return null;
    }

    /// <summary>The full path for an event.</summary>
    public string Expand(ChangeEvent change) => Expand(change.Origin.Source, change.Subject, change.Key.Span);

    /// <inheritdoc cref="Expand(ChangeEvent)"/>
    public string Expand(string source, string subject, ReadOnlySpan<byte> key)
    {
        var path = new StringBuilder();
        for (var i = 0; i < _tokens.Length; i++)
        {
            var token = _tokens[i];
            switch (token.Placeholder)
            {
                case Placeholder.Subject:
                    SafeName.Append(path, Encoding.UTF8.GetBytes(subject), _limits[i]);
                    break;
                case Placeholder.Source:
                    SafeName.Append(path, Encoding.UTF8.GetBytes(source), _limits[i]);
                    break;
                case Placeholder.Key:
                    SafeName.Append(path, key, _limits[i]);
                    break;
                default:
                    path.Append(token.Text);
                    break;
            }
        }

        return Path.GetFullPath(path.ToString());
    }

    static PathName[] NamesOf(ReadOnlySpan<PathToken> tokens)
    {
        var names = new List<PathName>();
        var start = 0;
        for (var i = 0; i <= tokens.Length; i++)
        {
            // "a//b" and "a/./b" are "a/b".
            if (i < tokens.Length && tokens[i].Placeholder != Placeholder.Separator)
            {
                continue;
            }

            if (tokens[start..i] is not ([] or [{ Text: "." }]))
            {
                names.Add(PathName.Of(tokens[start..i]));
            }

            start = i + 1;
        }

        return [.. names];
    }
}
