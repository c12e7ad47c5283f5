using System.Text.Json;

namespace Penstock;

/// <summary>What the lists beside a row say about its fields.</summary>
sealed class FieldNames(IReadOnlyList<string> key, IReadOnlyList<string> base64, IReadOnlyList<string> nulls, IReadOnlyList<string> unchanged)
{
    public IReadOnlyList<string> Unchanged => unchanged;

    public bool IsKey(string name) => key.Contains(name);

    public bool IsBase64(string name) => base64.Contains(name);

    public bool IsNull(string name) => nulls.Contains(name);

    /// <summary>The names of the key's fields; empty unless the key is an object.</summary>
    public static IReadOnlyList<string> OfKey(EventParts parts)
    {
        if (parts[EventPart.Key] is not [(byte)'{', ..])
        {
            return [];
        }

        var names = new List<string>();
        var reader = new Utf8JsonReader(parts[EventPart.Key], JsonText.Deep);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            names.Add(reader.GetString()!);
            reader.Skip();
        }

        return names;
    }
}
