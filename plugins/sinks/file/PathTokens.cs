using System.Text;

namespace Penstock.Sinks.File;

/// <summary>Reads a path template.</summary>
static class PathTokens
{
    /// <summary>Returns what is wrong, or null and the tokens.</summary>
    public static string? Read(string text, out PathToken[] tokens)
    {
        var read = new List<PathToken>();
        var literal = new StringBuilder();
        tokens = [];
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c is '{' or '}' && i + 1 < text.Length && text[i + 1] == c)
            {
                literal.Append(c);
                i++;
            }
            else if (c == '{')
            {
                var end = text.IndexOf('}', i);
                if (end < 0 || Find(text[(i + 1)..end]) is not { } placeholder)
                {
                    return $"\"{text}\" has an unknown placeholder at \"{text[i..]}\"; use {{subject}}, {{key}} or {{source}}, and {{{{ for a brace";
                }

                Flush(read, literal);
                read.Add(new PathToken(placeholder, ""));
                i = end;
            }
            else if (c == '}')
            {
                return $"\"{text}\" has a closing brace without an opening one at \"{text[i..]}\"; write }}}} for a brace";
            }
            else if (c == '/')
            {
                Flush(read, literal);
                read.Add(new PathToken(Placeholder.Separator, "/"));
            }
            else
            {
                literal.Append(c);
            }
        }

        Flush(read, literal);
        tokens = [.. read];
        return Check(text, tokens);
    }

    static string? Check(string text, PathToken[] tokens)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            return "the path contains a NUL character";
        }

        if (tokens is [] or [.., { Placeholder: Placeholder.Separator }] or [.., { Text: "." or ".." }])
        {
            return $"\"{text}\" names no file; expected something like ./out/{{subject}}.jsonl";
        }

        var seen = false;
        foreach (var token in tokens)
        {
            seen |= token.Placeholder is not (Placeholder.None or Placeholder.Separator);
            if (seen && token.Text == "..")
            {
                return $"\"{text}\" steps back with \"..\" after a placeholder; put fixed directories first";
            }
        }

        return null;
    }

    static Placeholder? Find(string name) => name switch
    {
        "subject" => Placeholder.Subject,
        "key" => Placeholder.Key,
        "source" => Placeholder.Source,
        _ => null,
    };

    static void Flush(List<PathToken> tokens, StringBuilder literal)
    {
        if (literal.Length > 0)
        {
            tokens.Add(new PathToken(Placeholder.None, literal.ToString()));
            literal.Clear();
        }
    }
}
