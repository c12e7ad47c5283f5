using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Penstock;

/// <summary>One field of a <see cref="RowSchema"/>.</summary>
public sealed class RowField
{
    /// <summary>A field with a UTF-8 name.</summary>
    /// <param name="name">The name as the source spells it.</param>
    /// <param name="type">How its bytes are to be read.</param>
    /// <param name="isKey">Whether it belongs to the key.</param>
    public RowField(string name, FieldType type, bool isKey)
        : this(Encoding.UTF8.GetBytes(name), type, isKey)
    {
    }

    /// <summary>A field whose name is bytes, which need not be UTF-8.</summary>
    /// <param name="nameBytes">The name as the source spells it.</param>
    /// <param name="type">How its bytes are to be read.</param>
    /// <param name="isKey">Whether it belongs to the key.</param>
    public RowField(ReadOnlyMemory<byte> nameBytes, FieldType type, bool isKey)
    {
        NameBytes = nameBytes;
        Name = Encoding.UTF8.GetString(nameBytes.Span);
        EncodedName = JsonEncodedText.Encode(Name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
        HasTextName = System.Text.Unicode.Utf8.IsValid(nameBytes.Span);
        Type = type;
        IsKey = isKey;
    }

    /// <summary>The name; bytes that are not UTF-8 show as U+FFFD.</summary>
    public string Name { get; }

    /// <summary>The name's bytes.</summary>
    public ReadOnlyMemory<byte> NameBytes { get; }

    /// <summary>How the field's bytes are to be read.</summary>
    public FieldType Type { get; }

    /// <summary>Whether the field belongs to the key.</summary>
    public bool IsKey { get; }

    internal JsonEncodedText EncodedName { get; }

    internal bool HasTextName { get; }
}
