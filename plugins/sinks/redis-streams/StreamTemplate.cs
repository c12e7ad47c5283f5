using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Penstock.Sinks.RedisStreams;

/// <summary>The name of an event's stream: literal bytes and placeholders, written straight into the command.</summary>
sealed class StreamTemplate
{
    readonly List<Part> _parts = [];

    StreamTemplate()
    {
    }

    enum Placeholder
    {
        None,
        Subject,
        Key,
        Source,
        Shard,
    }

    /// <summary>Whether the name depends on <see cref="Shard"/>.</summary>
    public bool HasShard => _parts.Exists(part => part.Placeholder == Placeholder.Shard);

    /// <summary>
    /// The hash tag that every such name has, or the whole name when there is only one: what decides about the slot. Null when names differ in that.
    /// </summary>
    public byte[]? FixedTag
    {
        get
        {
            if (_parts is not [{ Placeholder: Placeholder.None, Literal: var first }, ..])
            {
                return null;
            }

            var open = Array.IndexOf(first, (byte)'{');
            var close = open < 0 ? -1 : Array.IndexOf(first, (byte)'}', open);
            return close > open + 1 ? first[(open + 1)..close]
                : _parts.Count == 1 ? first
                : null;
        }
    }

    public static bool TryParse(string text, [NotNullWhen(true)] out StreamTemplate? template, out string problem)
    {
        template = new StreamTemplate();
        problem = template.Parse(text);
        return problem.Length == 0;
    }

    public static StreamTemplate Parse(string text, string option) =>
        TryParse(text, out var template, out var problem)
            ? template
            : throw new PluginException(FailureKind.Permanent, $"{option}: {problem}");

    /// <param name="change">The event.</param>
    /// <param name="shards">How many shards there are.</param>
    /// <param name="output">Where the bytes go.</param>
    public void Write(ChangeEvent change, int shards, IBufferWriter<byte> output)
    {
        foreach (var part in _parts)
        {
            switch (part.Placeholder)
            {
                case Placeholder.Subject:
                    Encoding.UTF8.GetBytes(change.Subject, output);
                    break;
                case Placeholder.Key:
                    output.Write(change.Key.Span);
                    break;
                case Placeholder.Source:
                    Encoding.UTF8.GetBytes(change.Origin.Source, output);
                    break;
                case Placeholder.Shard:
                    Utf8Formatter.TryFormat(Shard.Of(change, shards), output.GetSpan(Shard.MaxDigits), out var digits);
                    output.Advance(digits);
                    break;
                default:
                    output.Write(part.Literal);
                    break;
            }
        }
    }

    // Returns the problem, or nothing.
    string Parse(string text)
    {
        var literal = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            var isDoubled = i + 1 < text.Length && text[i + 1] == text[i];
            if (text[i] is not ('{' or '}') || isDoubled)
            {
                literal.Append(text[i]);
                i += text[i] is '{' or '}' ? 1 : 0;
                continue;
            }

            var close = text[i] == '{' ? text.IndexOf('}', i) : -1;
            if (close < 0)
            {
                return $"Expected {{{{ or }}}} for a literal brace, found a single one at character {i + 1} of \"{text}\".";
            }

            var name = text[(i + 1)..close];
            var placeholder = name switch
            {
                "subject" => Placeholder.Subject,
                "key" => Placeholder.Key,
                "source" => Placeholder.Source,
                "shard" => Placeholder.Shard,
                _ => Placeholder.None,
            };
            if (placeholder == Placeholder.None)
            {
                return $"Expected {{subject}}, {{key}}, {{source}} or {{shard}}, found \"{{{name}}}\" in \"{text}\".";
            }

            AddLiteral(literal);
            _parts.Add(new Part(placeholder, []));
            i = close;
        }

        AddLiteral(literal);
        return _parts.Count == 0 ? "Expected the name of a stream, found nothing." : "";
    }

    void AddLiteral(StringBuilder literal)
    {
        if (literal.Length > 0)
        {
            _parts.Add(new Part(Placeholder.None, Encoding.UTF8.GetBytes(literal.ToString())));
            literal.Clear();
        }
    }

    readonly record struct Part(Placeholder Placeholder, byte[] Literal);
}
