using System.Text.Json;

namespace Penstock.Host.Configuration;

/// <summary>A JSON value that knows where it stands in the file, and what the schemas say about it.</summary>
sealed class ConfigNode(int id, JsonValueKind kind, string pointer, (int Line, int Column) position)
{
    readonly List<ConfigNode> _children = [];

    /// <summary>The value's number within its document, in the order of the file.</summary>
    public int Id => id;

    public JsonValueKind Kind { get; private set; } = kind;

    public string Pointer => pointer;

    public int Line { get; } = position.Line;

    public int Column { get; } = position.Column;

    /// <summary>The property's name; null for array elements and the root.</summary>
    public string? Name { get; init; }

    /// <summary>Where the name stands; for array elements and the root, where the value does.</summary>
    public (int Line, int Column) NamePosition { get; init; } = position;

    /// <summary>The text of a string, the digits of a number; empty otherwise.</summary>
    public string Text { get; private set; } = "";

    /// <summary>Members of an object, elements of an array.</summary>
    public IReadOnlyList<ConfigNode> Children => _children;

    /// <summary>The value came, in part or whole, from the environment or a file: it is never shown.</summary>
    public bool IsInterpolated { get; private set; }

    public NodeTraits Traits { get; } = new();

    public bool IsHidden => IsInterpolated || Traits.IsSecret;

    public ConfigNode? Find(string name) => Kind == JsonValueKind.Object ? _children.Find(c => c.Name == name) : null;

    public string? StringOf(string name) => Find(name) is { Kind: JsonValueKind.String } node ? node.Text : null;

    public IEnumerable<ConfigNode> MembersOf(string name) => Find(name) is { Kind: JsonValueKind.Object } node ? node.Children : [];

    public void Add(ConfigNode child) => _children.Add(child);

    public void SetText(string text) => Text = text;

    public void Interpolate(JsonValueKind newKind, string text)
    {
        Kind = newKind;
        Text = text;
        IsInterpolated = true;
    }

    /// <summary>This value and everything inside it, but for some branches.</summary>
    public IEnumerable<ConfigNode> Descend(IReadOnlySet<ConfigNode?>? except = null) =>
        except?.Contains(this) == true ? [] : _children.SelectMany(c => c.Descend(except)).Prepend(this);

    /// <summary>What the pointer leads to, or the deepest value on the way to it.</summary>
    public ConfigNode Nearest(string relativePointer)
    {
        var node = this;
        foreach (var segment in JsonPointer.Segments(relativePointer))
        {
            var next = node.Kind == JsonValueKind.Array && int.TryParse(segment, out var index) && index >= 0 && index < node._children.Count
                ? node._children[index]
                : node.Find(segment);
            if (next is null)
            {
                break;
            }

            node = next;
        }

        return node;
    }
}
