namespace Penstock;

/// <summary>The shape that all rows of a relation share. Immutable; a changed relation gets a new one.</summary>
public sealed class RowSchema
{
    readonly RowField[] _fields;

    /// <summary>A schema of these fields, in this order.</summary>
    public RowSchema(params IReadOnlyList<RowField> fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        _fields = [.. fields];
        HasKey = Array.Exists(_fields, field => field.IsKey);
        var names = new HashSet<string>(StringComparer.Ordinal);
        IsObject = Array.TrueForAll(_fields, field => field.HasTextName && names.Add(field.Name));
    }

    /// <summary>The number of fields.</summary>
    public int Count => _fields.Length;

    /// <summary>Whether any field belongs to the key.</summary>
    public bool HasKey { get; }

    /// <summary>Whether the names are UTF-8 and differ, so that the row can be a JSON object.</summary>
    public bool IsObject { get; }

    /// <summary>The field at this place.</summary>
    public RowField this[int index] => _fields[index];

    /// <summary>The place of the field with this name, or -1.</summary>
    public int IndexOf(string name) => Array.FindIndex(_fields, field => string.Equals(field.Name, name, StringComparison.Ordinal));
}
