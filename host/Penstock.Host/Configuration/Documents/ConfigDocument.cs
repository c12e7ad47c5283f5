using System.Text;
using System.Text.Json;

namespace Penstock.Host.Configuration;

/// <summary>Parses a config file; syntax errors and duplicate keys become problems.</summary>
ref struct ConfigDocument
{
    public const int MaxDepth = 64;
    public const int MaxBytes = 1 << 20;

    readonly TextPositions _positions;
    readonly ProblemScope _problems;
    Utf8JsonReader _reader;
    int _nextId;

    ConfigDocument(byte[] text, TextPositions positions, ProblemScope problems)
    {
        _positions = positions;
        _problems = problems;
        _reader = new Utf8JsonReader(
            text,
            new JsonReaderOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = MaxDepth });
    }

    /// <summary>The root, or null when the text is no JSON: then there is one problem.</summary>
    public static ConfigNode? Parse(byte[] text, ProblemScope problems)
    {
        // A byte order mark is legal in a file, but not in JSON.
        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        text = text.AsSpan().StartsWith(mark) ? text[mark.Length..] : text;
        var positions = new TextPositions(text);
        var invalid = Utf8Text.IndexOfInvalid(text);
        if (invalid >= 0)
        {
            var (line, column) = positions.Of(invalid);
            problems.Add(line, column, "", "expected UTF-8 text, found a byte that is not; save the file as UTF-8");
            return null;
        }

        var document = new ConfigDocument(text, positions, problems);
        try
        {
            document._reader.Read();
            var root = document.ReadValue("", null, default);
            document._reader.Read();
            return root;
        }
        catch (JsonException error)
        {
            var (line, column) = positions.Of(error.LineNumber ?? 0, error.BytePositionInLine ?? 0);
            problems.Add(line, column, "", $"invalid JSON: {SyntaxErrors.Describe(error)}");
            return null;
        }
    }

    ConfigNode ReadValue(string pointer, string? name, (int Line, int Column) namePosition)
    {
        var position = _positions.Of(_reader.TokenStartIndex);
        var kind = _reader.TokenType switch
        {
            JsonTokenType.StartObject => JsonValueKind.Object,
            JsonTokenType.StartArray => JsonValueKind.Array,
            JsonTokenType.String => JsonValueKind.String,
            JsonTokenType.Number => JsonValueKind.Number,
            JsonTokenType.True => JsonValueKind.True,
            JsonTokenType.False => JsonValueKind.False,
            _ => JsonValueKind.Null,
        };
        var node = new ConfigNode(++_nextId, kind, pointer, position) { Name = name, NamePosition = name is null ? position : namePosition };
        switch (kind)
        {
            case JsonValueKind.Object:
                ReadMembers(node);
                break;
            case JsonValueKind.Array:
                while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
                {
                    node.Add(ReadValue(JsonPointer.Append(pointer, node.Children.Count), null, default));
                }

                break;
            case JsonValueKind.String:
                node.SetText(ReadText(pointer) ?? "");
                break;
            case JsonValueKind.Number:
                node.SetText(Encoding.UTF8.GetString(_reader.ValueSpan));
                break;
        }

        return node;
    }

    void ReadMembers(ConfigNode parent)
    {
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            var position = _positions.Of(_reader.TokenStartIndex);
            var name = ReadText(parent.Pointer);
            _reader.Read();
            var child = ReadValue(JsonPointer.Append(parent.Pointer, name ?? ""), name ?? "", position);
            if (name is null)
            {
                continue;
            }

            if (parent.Find(name) is { } first)
            {
                _problems.AtName(child, $"duplicate property {Shown.Quote(name)}; the first one is at {first.NamePosition.Line}:{first.NamePosition.Column}");
            }
            else
            {
                parent.Add(child);
            }
        }
    }

    // Null, and a problem, when an escape stands for no character.
    string? ReadText(string pointer)
    {
        try
        {
            return _reader.GetString();
        }
        catch (InvalidOperationException)
        {
            // The text is valid UTF-8, so only an escape can be at fault.
            var (line, column) = _positions.Of(_reader.TokenStartIndex);
            _problems.Add(line, column, pointer, "expected whole characters, found half of a surrogate pair (\\uD800 to \\uDFFF)");
            return null;
        }
    }
}
