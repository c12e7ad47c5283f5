using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Penstock.Sources.PostgresWal;

/// <summary>A table as it was when the server described it. Immutable.</summary>
sealed class Relation(string subject, bool isCaptured, bool hasFullIdentity, RowSchema schema, ColumnDescription[] columns)
{
    readonly int[] _key = [.. Enumerable.Range(0, schema.Count).Where(i => schema[i].IsKey)];
    ulong? _fingerprint;

    public string Subject { get; } = subject;

    /// <summary>Whether the table is configured; changes of others are counted and dropped.</summary>
    public bool IsCaptured { get; } = isCaptured;

    public RowSchema Schema { get; } = schema;

    public IReadOnlyList<ColumnDescription> Columns => columns;

    /// <summary>Whether old rows are sent whole.</summary>
    public bool HasFullIdentity => hasFullIdentity;

    /// <summary>A hash of everything that makes the shape: columns, their types, key and identity.</summary>
    public ulong Fingerprint => _fingerprint ??= Hash();

    /// <summary>Whether the server sends this field of an old row that it identifies by its key only.</summary>
    public bool IsIdentity(int field) => columns[field].IsIdentity;

    public bool HasSameShape(Relation other)
    {
        var same = Subject == other.Subject && HasFullIdentity == other.HasFullIdentity && Schema.Count == other.Schema.Count;
        for (var i = 0; same && i < Schema.Count; i++)
        {
            same = Columns[i] == other.Columns[i] && Schema[i].IsKey == other.Schema[i].IsKey;
        }

        return same;
    }

    /// <summary>The key's bytes: the value of a single field; of several, each value after its length, so that no two keys meet.</summary>
    public ReadOnlyMemory<byte> KeyOf(Row row) => _key.Length switch
    {
        0 => default,
        1 => row.GetMemory(_key[0]),
        _ => Join(row),
    };

    public bool HasSameKey(Row before, Row after)
    {
        foreach (var i in _key)
        {
            if (before.GetState(i) != after.GetState(i) || !before[i].SequenceEqual(after[i]))
            {
                return false;
            }
        }

        return true;
    }

    ulong Hash()
    {
        var text = new StringBuilder(hasFullIdentity ? "full" : "");
        for (var i = 0; i < columns.Length; i++)
        {
            // No name has a NUL.
            text.Append(CultureInfo.InvariantCulture, $"\0{columns[i].Name}\0{columns[i].TypeId} {columns[i].TypeModifier} {columns[i].IsIdentity} {Schema[i].IsKey}");
        }

        return BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    byte[] Join(Row row)
    {
        var length = 0;
        foreach (var i in _key)
        {
            length += sizeof(int) + row[i].Length;
        }

        var key = new byte[length];
        var rest = key.AsSpan();
        foreach (var i in _key)
        {
            var value = row[i];
            BinaryPrimitives.WriteInt32BigEndian(rest, value.Length);
            value.CopyTo(rest[sizeof(int)..]);
            rest = rest[(sizeof(int) + value.Length)..];
        }

        return key;
    }
}
